/** The palette's people and tickets: visitors online, and what the server finds. */
import { hasVisibleText } from "@palique/ui/visible";
import type { Problem } from "../api/http";
import type { TicketItem } from "../api/shapes";
import { useNameOf } from "../chats/useVisitorName";
import { useDebounced } from "../parts/useDebounced";
import { useLoad } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { subjectText } from "../texts/labels";
import { pageName } from "../texts/pageName";
import { useText } from "../texts/useText";
import { matching, type PaletteGroup, type PaletteItem } from "./paletteItems";

// A short pause between two letters; longer feels like waiting.
const TYPING_PAUSE_MS = 200;
// People and tickets; more are found by a longer query.
const SHOWN = 7;

interface PaletteSearch {
	readonly groups: readonly PaletteGroup[];
	/** True until the server has answered this query. */
	readonly searching: boolean;
	readonly problem: Problem | null;
}

export function usePaletteSearch(query: string): PaletteSearch {
	const { api } = useStores();
	const asked = useDebounced(query, TYPING_PAUSE_MS);
	const toPerson = usePersonItem();
	const toTicket = useTicketItem();
	const online = useOnlineItems();
	const loaded = useLoad(
		async (signal) => {
			if (!hasVisibleText(asked)) return { asked, chats: [], tickets: [] };
			const text = asked.trim();
			const [chats, tickets] = await Promise.all([
				api.chats({ person: text }, null, signal),
				api.tickets({ text: text.replace(/^#/, "") }, null, signal),
			]);
			return { asked, chats: chats.items, tickets: tickets.items };
		},
		[api, asked],
	);
	if (!hasVisibleText(query)) return { groups: [], searching: false, problem: null };
	const answer = loaded.value?.asked === query ? loaded.value : null;
	const seen = matching([{ title: "palette_people", items: online }], query)[0]?.items ?? [];
	const known = new Map((answer?.chats ?? []).map(({ visitor }) => [visitor.id, toPerson(visitor)]));
	const people = [...seen, ...[...known.values()].filter(({ id }) => !seen.some((one) => one.id === id))];
	const groups: readonly PaletteGroup[] = [
		{ title: "palette_people", items: people.slice(0, SHOWN) },
		{ title: "tickets_title", items: (answer?.tickets ?? []).slice(0, SHOWN).map(toTicket) },
	];
	const problem = asked === query ? loaded.problem : null;
	return { groups: groups.filter(({ items }) => items.length > 0), searching: !answer && !problem, problem };
}

function usePersonItem() {
	const { router } = useStores();
	const nameOf = useNameOf();
	return ({ id, name }: { id: string; name: string }, detail?: string): PaletteItem => ({
		id: `person-${id}`,
		icon: "person",
		text: nameOf({ id, name }),
		...(detail ? { detail } : {}),
		act: () => router.openVisitor(id),
	});
}

function useOnlineItems(): readonly PaletteItem[] {
	const { visitors } = useStores();
	const toPerson = usePersonItem();
	return visitors.rows.value.map((row) => toPerson({ id: row.visitor, name: row.name }, pageName(row.page)));
}

function useTicketItem() {
	const { router } = useStores();
	const nameOf = useNameOf();
	const t = useText();
	return (ticket: TicketItem): PaletteItem => ({
		id: `ticket-${ticket.id}`,
		icon: "ticket",
		text: `#${ticket.number} ${subjectText(t, ticket.subject)}`,
		detail: `${t(`ticket_status_${ticket.status}`)} · ${nameOf(ticket.visitor)}`,
		act: () => router.go({ page: "ticket", id: ticket.id }),
	});
}
