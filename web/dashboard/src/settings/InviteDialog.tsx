import { dateAndTime } from "@palique/ui/time";
import { hasVisibleText } from "@palique/ui/visible";
import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import type { Invited, Me } from "../api/shapes";
import { Button, IconButton } from "../parts/Button";
import { CopyField } from "../parts/CopyField";
import { Dialog } from "../parts/Dialog";
import { Form } from "../parts/Form";
import { ProblemMessage } from "../parts/ProblemMessage";
import { SelectField, TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { invitationLink } from "../session/InvitationStore";
import { useText } from "../texts/useText";
import { InvitationMail } from "./mail/InvitationMail";

interface Props {
	/** `null` until the invitation exists. */
	invited: Invited | null;
	onInvited: (invited: Invited) => void;
	onClose: () => void;
}

/** Asks for name, e-mail and role, then shows the link once, for the administrator to send. */
export function InviteDialog({ invited, onInvited, onClose }: Props) {
	const t = useText();
	return (
		<Dialog
			title={t(invited ? "invite_link_title" : "agents_invite")}
			tools={<IconButton icon="close" label={t("close")} onClick={onClose} />}
			onClose={onClose}
		>
			<div class="settings-dialog">
				{invited ? <Link invited={invited} /> : <InviteForm onInvited={onInvited} />}
			</div>
		</Dialog>
	);
}

function Link({ invited }: { invited: Invited }) {
	const t = useText();
	const { agent, invitation, mail } = invited;
	return (
		<div class="settings-form">
			<InvitationMail invited={invited} />
			{mail.state === "sent" ? null : (
				<p>
					{t("invite_link_lead", {
						name: agent.name,
						until: dateAndTime(invitation.expires_at, t.language),
					})}
				</p>
			)}
			<CopyField label={t("invite_link_title")} text={invitationLink(location.origin, invitation.token)} />
		</div>
	);
}

function InviteForm({ onInvited }: { onInvited: (invited: Invited) => void }) {
	const { api } = useStores();
	const t = useText();
	const [name, setName] = useState("");
	const [email, setEmail] = useState("");
	const [role, setRole] = useState<Me["role"]>("agent");
	const [problem, setProblem] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);

	const submit = async () => {
		if (busy) return;
		setBusy(true);
		try {
			onInvited(await api.invite({ name, email, role }));
		} catch (error) {
			setProblem(asProblem(error));
			setBusy(false);
		}
	};
	return (
		<Form class="settings-form" onSubmit={submit}>
			<ProblemMessage problem={problem} wording={{ conflict: "invite_taken" }} />
			<TextField label={t("field_name")} value={name} onValue={setName} limit={100} />
			<TextField label={t("field_email")} type="email" value={email} onValue={setEmail} limit={254} />
			<SelectField
				label={t("agents_role")}
				value={role}
				options={[
					{ value: "agent", text: t("role_agent") },
					{ value: "administrator", text: t("role_administrator") },
				]}
				onValue={setRole}
			/>
			<div class="settings-foot">
				<Button
					type="submit"
					kind="primary"
					busy={busy}
					disabled={!hasVisibleText(name) || !hasVisibleText(email)}
				>
					{t("invite_submit")}
				</Button>
			</div>
		</Form>
	);
}
