import "../parts/Table.css";
import "./Tickets.css";
import { Loading } from "../parts/EmptyState";
import { lazy } from "../parts/lazy";
import { useAgents } from "../parts/useAgents";
import { useLoad } from "../parts/useLoad";
import { BackLink } from "../routing/BackLink";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { Subject } from "./Subject";
import { useTicketEdit } from "./useTicketEdit";

const TicketBody = lazy(async () => (await import("./TicketBody")).TicketBody);

/** One ticket: transcript, facts and activity. */
export function TicketPage({ id }: { id: string }) {
	const { api } = useStores();
	const t = useText();
	const loaded = useLoad((signal) => api.ticket(id, signal), [api, id]);
	const agents = useAgents();
	const edit = useTicketEdit(loaded);
	const ticket = loaded.value;
	return (
		<>
			<header class="page-head">
				<BackLink to={{ page: "tickets" }}>{t("tickets_title")}</BackLink>
				{ticket ? (
					<Subject key={ticket.subject} ticket={ticket} change={edit.change} />
				) : (
					<h1>{t("ticket_title")}</h1>
				)}
			</header>
			{ticket ? (
				<TicketBody ticket={ticket} agents={agents} edit={edit} />
			) : (
				<Loading loaded={loaded} lines={8} />
			)}
		</>
	);
}
