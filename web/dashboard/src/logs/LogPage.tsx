import "../parts/Table.css";
import "./LogPage.css";
import { Icon } from "@palique/ui/Icon";
import { dateAndTime, duration } from "@palique/ui/time";
import { useState } from "preact/hooks";
import type { ChatLog } from "../api/shapes";
import { useAssigneeText } from "../chats/useAssigneeText";
import { useVisitorName } from "../chats/useVisitorName";
import { Button } from "../parts/Button";
import { Loading } from "../parts/EmptyState";
import { FactList } from "../parts/FactList";
import { Pane } from "../parts/Pane";
import { Split } from "../parts/Split";
import { useFailureToast } from "../parts/useFailureToast";
import { BackLink } from "../routing/BackLink";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { place } from "../texts/geoPlace";
import { useText } from "../texts/useText";
import { EarlierChats } from "../visitors/profile/EarlierChats";
import { ReadOnlyLog } from "./ReadOnlyLog";
import { useLogPages } from "./useLogPages";

const NO_VISITOR = { id: "", name: "" };

/** The complete log of one chat, in pages, from the entry `at` or the end (S-12, S-52). */
export function LogPage({ id, at }: { id: string; at?: number | undefined }) {
	const t = useText();
	const loaded = useLogPages(id, at);
	const log = loaded.value;
	const name = useVisitorName(log?.visitor ?? NO_VISITOR);
	return (
		<>
			<header class="page-head">
				<BackLink to={{ page: "logs" }}>{t("logs_title")}</BackLink>
				<h1 class="cut" dir="auto">
					{log ? name : t("log_title")}
				</h1>
				<span class="page-head-space" />
				{log ? <Tools log={log} changed={loaded.set} /> : null}
			</header>
			{log ? (
				<Split label={t("chat_facts")} side={<Facts log={log} />}>
					<ReadOnlyLog
						label={t("log_of", { name })}
						entries={log.entries}
						at={at}
						earlier={loaded.earlier}
						later={loaded.later}
						onJump={loaded.jump}
					/>
				</Split>
			) : (
				<Loading loaded={loaded} lines={8} />
			)}
		</>
	);
}

/** Flag of the chat, and its ticket, which the first click creates. */
function Tools({ log, changed }: { log: ChatLog; changed: (log: ChatLog) => void }) {
	const { api } = useStores();
	const t = useText();
	const complain = useFailureToast();
	const change = async (act: () => Promise<Partial<ChatLog>>) => {
		try {
			changed({ ...log, ...(await act()) });
		} catch (error) {
			complain(error);
		}
	};
	const flag = () =>
		change(async () => {
			await api.flagChat(log.conversation, !log.flagged);
			return { flagged: !log.flagged };
		});
	return (
		<>
			<Button icon="flag" pressed={log.flagged} onClick={() => void flag()}>
				{t(log.flagged ? "flagged" : "flag")}
			</Button>
			<TicketOfChat log={log} change={change} />
		</>
	);
}

interface TicketOfChatProps {
	log: ChatLog;
	change: (act: () => Promise<Partial<ChatLog>>) => Promise<void>;
}

function TicketOfChat({ log: { conversation, ticket }, change }: TicketOfChatProps) {
	const { api, toasts } = useStores();
	const t = useText();
	const assigneeText = useAssigneeText();
	const [created, setCreated] = useState(false);
	const create = async () => {
		const fresh = await api.ticketFromChat(conversation);
		setCreated(true);
		toasts.show({
			text: `${t("ticket_of_chat", { number: fresh.number })}: ${assigneeText(fresh.assignee)}`,
		});
		return { ticket: fresh };
	};
	return ticket ? (
		<Link to={{ page: "ticket", id: ticket.id }} class="button button-plain" focused={created}>
			<Icon name="ticket" size={18} /> {t("ticket_of_chat", { number: ticket.number })}
		</Link>
	) : (
		<Button icon="ticket" onClick={() => void change(create)}>
			{t("action_ticket")}
		</Button>
	);
}

function Facts({ log }: { log: ChatLog }) {
	const { router } = useStores();
	const t = useText();
	const facts = [
		[t("column_from"), place(t, log.visitor.region, log.visitor.country)],
		[t("column_started"), dateAndTime(log.started_at, t.language)],
		[t("column_ended"), log.ended_at ? dateAndTime(log.ended_at, t.language) : t("still_running")],
		[t("column_duration"), log.duration_s === null ? "–" : duration(log.duration_s)],
		[t("column_messages"), log.messages.toLocaleString(t.language)],
		[t("column_agents"), log.agents.map((agent) => agent.name).join(", ") || t("unassigned")],
		[t("started_by"), t(log.started_by === "visitor" ? "by_visitor" : "by_agent")],
	] as const;
	return (
		<>
			<Pane level={2} title={t("chat_facts")}>
				<FactList facts={facts} />
				<div class="log-visitor">
					<Button icon="person" small onClick={() => router.openVisitor(log.visitor.id)}>
						{t("visitor_details")}
					</Button>
				</div>
			</Pane>
			<Pane level={2} title={t("log_files")}>
				<div class="log-files">
					<Download log={log} format="text" label={t("log_as_text")} />
					<Download log={log} format="json" label={t("log_as_json")} />
				</div>
			</Pane>
			<Pane level={2} title={t("other_chats")}>
				<EarlierChats visitor={log.visitor.id} chats={0} except={log.conversation} />
			</Pane>
		</>
	);
}

function Download({ log, format, label }: { log: ChatLog; format: "text" | "json"; label: string }) {
	const { api, language } = useStores();
	return (
		<a
			class="button button-plain button-small"
			href={api.exportAddress(log.conversation, format, language.language.value)}
			download
		>
			<Icon name="download" size={16} /> {label}
		</a>
	);
}
