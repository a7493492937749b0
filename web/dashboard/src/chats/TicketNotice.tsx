import "./TicketNotice.css";
import { Icon } from "@palique/ui/Icon";
import { IconButton } from "../parts/Button";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { useAssigneeText } from "./useAssigneeText";

/** In a chat's window: the ticket that was created from the chat, with a link to it (S-51). */
export function TicketNotice({ conversation }: { conversation: string }) {
	const { chatTickets } = useStores();
	const t = useText();
	const assigneeText = useAssigneeText();
	const ticket = chatTickets.of(conversation);
	const dismiss = () => chatTickets.dismiss(conversation);
	return (
		<div role="status">
			{ticket ? (
				<div class="ticket-notice">
					<Icon name="ticket" size={16} />
					<span class="ticket-notice-text">
						<Link to={{ page: "ticket", id: ticket.id }} onFollow={dismiss}>
							{t("ticket_of_chat", { number: ticket.number })}
						</Link>
						<span dir="auto">{assigneeText(ticket.assignee)}</span>
					</span>
					<IconButton icon="close" size={15} label={t("close_notice")} onClick={dismiss} />
				</div>
			) : null}
		</div>
	);
}
