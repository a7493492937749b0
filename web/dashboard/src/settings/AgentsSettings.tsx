import "../parts/Table.css";
import { Avatar } from "@palique/ui/Avatar";
import { useState } from "preact/hooks";
import type { Invited, Me, WholeAgent } from "../api/shapes";
import { Button } from "../parts/Button";
import { Loading } from "../parts/EmptyState";
import { useLoad } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { byName } from "../texts/nameOrder";
import { useText } from "../texts/useText";
import { Card } from "./Card";
import { InviteDialog } from "./InviteDialog";
import { RoleField } from "./RoleField";
import { type Saving, useSave } from "./useSave";

const ACCESS_TEXTS = {
	active: "access_active",
	invited: "access_invited",
	disabled: "access_disabled",
} as const;

/** The agents of the site: roles, invitations, access. */
export function AgentsSettings({ me }: { me: Me }) {
	const { api } = useStores();
	const t = useText();
	const loaded = useLoad(() => api.everyone(), [api]);
	const [inviting, setInviting] = useState<Invited | boolean>(false);
	const agents = loaded.value && byName(loaded.value, t.language);

	const put = (agent: WholeAgent) =>
		loaded.set([...(agents ?? []).filter((one) => one.agent !== agent.agent), agent]);
	const invited = (fresh: Invited) => {
		put(fresh.agent);
		setInviting(fresh);
	};
	const tools = (
		<Button kind="primary" icon="plus" onClick={() => setInviting(true)}>
			{t("agents_invite")}
		</Button>
	);
	return (
		<Card title={t("settings_agents")} lead={t("agents_lead")} tools={tools}>
			{agents ? (
				<List agents={agents} me={me} put={put} invited={invited} />
			) : (
				<Loading loaded={loaded} lines={4} />
			)}
			{inviting ? (
				<InviteDialog
					invited={inviting === true ? null : inviting}
					onInvited={invited}
					onClose={() => setInviting(false)}
				/>
			) : null}
		</Card>
	);
}

interface ListProps {
	agents: readonly WholeAgent[];
	me: Me;
	put: (agent: WholeAgent) => void;
	invited: (fresh: Invited) => void;
}

function List({ agents, me, put, invited }: ListProps) {
	const saving = useSave();
	return (
		<ul class="agents">
			{agents.map((agent) => (
				<Row
					key={agent.agent}
					agent={agent}
					own={agent.agent === me.agent}
					saving={saving}
					put={put}
					invited={invited}
				/>
			))}
		</ul>
	);
}

interface RowProps extends Pick<ListProps, "put" | "invited"> {
	agent: WholeAgent;
	own: boolean;
	saving: Saving;
}

function Row({ agent, own, saving, put, invited }: RowProps) {
	const { api } = useStores();
	const t = useText();
	const change = (changes: { role?: Me["role"]; disabled?: boolean }) =>
		void saving.run(async () => put(await api.changeAgent(agent.agent, changes)));
	const invite = () => void saving.run(async () => invited(await api.inviteAgain(agent.agent)), null);
	const shut = agent.access === "disabled";
	return (
		<li class={shut ? "agents-row agents-out" : "agents-row"}>
			<Avatar name={agent.name} seed={agent.agent} photo={agent.photo} size={36} />
			<Names agent={agent} own={own} />
			<span class={`access access-${agent.access}`}>{t(ACCESS_TEXTS[agent.access])}</span>
			<RoleField
				label={t("agents_role_of", { name: agent.name })}
				hideLabel
				value={agent.role}
				disabled={own || shut}
				onValue={(role) => change({ role })}
			/>
			<div class="agents-acts">
				{shut || own ? null : (
					<Button small icon="link" onClick={invite} title={t("agents_link_hint")}>
						{t("agents_link")}
					</Button>
				)}
				{own ? null : (
					<Button small kind={shut ? "plain" : "danger"} onClick={() => change({ disabled: !shut })}>
						{t(shut ? "agents_enable" : "agents_disable")}
					</Button>
				)}
			</div>
		</li>
	);
}

function Names({ agent, own }: Pick<RowProps, "agent" | "own">) {
	const t = useText();
	return (
		<div class="agents-who">
			<span class="agents-name cut" dir="auto">
				{agent.name} {own ? <span class="muted">({t("agents_you")})</span> : null}
			</span>
			<span class="muted small cut" dir="auto">
				{agent.email}
			</span>
		</div>
	);
}
