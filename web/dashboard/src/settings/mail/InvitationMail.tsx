import { dateAndTime } from "@palique/ui/time";
import type { Invited } from "../../api/shapes";
import { MailFault } from "./MailFault";
import { useMailText } from "./useMailText";

/** What became of the mail with a link. */
export function InvitationMail({ invited }: { invited: Invited }) {
	const t = useMailText();
	const { agent, invitation, mail } = invited;
	const state = mail.state === "later" ? "unavailable" : mail.state;
	return (
		<div>
			<p>
				<strong>{t(state, { email: agent.email })}</strong>
			</p>
			{mail.state === "sent" ? (
				<p>{t("sent_lead", { until: dateAndTime(invitation.expires_at, t.language) })}</p>
			) : (
				<MailFault result={mail} />
			)}
		</div>
	);
}
