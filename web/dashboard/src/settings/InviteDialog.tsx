import { dateAndTime } from "@palique/ui/time";
import { hasVisibleText } from "@palique/ui/visible";
import { useState } from "preact/hooks";
import type { Invited, Me } from "../api/shapes";
import { IconButton } from "../parts/Button";
import { CopyField } from "../parts/CopyField";
import { Dialog } from "../parts/Dialog";
import { Form } from "../parts/Form";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useRequest } from "../parts/useRequest";
import { useStores } from "../StoresContext";
import { invitationLink } from "../session/InvitationStore";
import { useText } from "../texts/useText";
import { InvitationMail } from "./mail/InvitationMail";
import { RoleField } from "./RoleField";
import { SubmitFoot } from "./SubmitFoot";

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
	const { busy, problem, run } = useRequest();
	const complete = hasVisibleText(name) && hasVisibleText(email);
	const invite = () => run(async () => onInvited(await api.invite({ name, email, role })));
	return (
		<Form class="settings-form" onSubmit={invite}>
			<ProblemMessage problem={problem} wording={{ conflict: "invite_taken" }} />
			<TextField label={t("field_name")} value={name} onValue={setName} limit={100} />
			<TextField label={t("field_email")} type="email" value={email} onValue={setEmail} limit={254} />
			<RoleField label={t("agents_role")} value={role} onValue={setRole} />
			<SubmitFoot text={t("invite_submit")} busy={busy} disabled={!complete} />
		</Form>
	);
}
