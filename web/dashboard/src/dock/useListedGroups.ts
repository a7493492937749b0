/** The groups of the list that match the filter. While the pointer moves over the list, its rows keep their places. */
import { containsTerms } from "@palique/ui/searchTerms";
import type { ChatGroup } from "../chats/chatGroups";
import type { ChatSummary } from "../chats/chatSummary";
import { useNameOf } from "../chats/useVisitorName";
import { useStores } from "../StoresContext";
import { useFrozen, useFrozenOrder } from "../visitors/list/useFrozenOrder";

export function useListedGroups(query: string): { groups: ChatGroup[]; freeze: () => void } {
	const { chatList } = useStores();
	const nameOf = useNameOf();
	const matches = ({ visitor, lastText, assignee, mine }: ChatSummary) =>
		containsTerms(query, [nameOf(visitor), lastText ?? "", ...(assignee && !mine ? [assignee.name] : [])]);
	const all = chatList.groups.value;
	const found = query === "" ? all : all.map(({ kind, chats }) => ({ kind, chats: chats.filter(matches) }));
	const { frozen, touch } = useFrozen();
	const ids = found.flatMap(({ chats }) => chats.map(({ conversation }) => conversation));
	const order = useFrozenOrder(ids, frozen, query);
	const places = new Map(order.map((id, place) => [id, place]));
	const place = ({ conversation }: ChatSummary) => places.get(conversation) ?? order.length;
	const groups = found
		.filter(({ kind, chats }) => chats.length > 0 || (kind === "mine" && query === ""))
		.map(({ kind, chats }) => ({ kind, chats: [...chats].sort((one, other) => place(one) - place(other)) }));
	return { groups, freeze: touch };
}
