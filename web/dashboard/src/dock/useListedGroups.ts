/** The groups of the list that match the filter. While the pointer moves over the list, its rows keep their places. */
import { containsTerms } from "@palique/ui/searchTerms";
import type { ChatGroup } from "../chats/chatGroups";
import type { ChatSummary } from "../chats/chatSummary";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { useFrozen, useFrozenOrder } from "../visitors/list/useFrozenOrder";
import { visitorName } from "../visitors/profile/useVisitorName";

export function useListedGroups(query: string): { groups: ChatGroup[]; freeze: () => void } {
	const stores = useStores();
	const t = useText();
	const { chatList } = stores;
	const matches = ({ visitor, lastText, assignee, mine }: ChatSummary) =>
		containsTerms(query, [
			visitorName(stores, t, visitor),
			lastText ?? "",
			...(assignee && !mine ? [assignee.name] : []),
		]);
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
