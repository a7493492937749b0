import "./Facts.css";
import { dateAndTime, duration } from "@palique/ui/time";
import { useLoad } from "../../parts/useLoad";
import { Link } from "../../routing/Link";
import { useStores } from "../../StoresContext";
import { problemText } from "../../texts/problem";
import { useText } from "../../texts/useText";

interface Props {
	visitor: string;
	/** Number of chats; a change reloads the list. */
	chats: number;
	/** Conversation to leave out: the one shown. */
	except?: string;
	onOpen?: () => void;
}

/** The visitor's ended chats (S-06). */
export function EarlierChats({ visitor, chats, except, onOpen }: Props) {
	const { api } = useStores();
	const t = useText();
	const { value, problem } = useLoad((signal) => api.chats({ visitor }, null, signal), [api, visitor, chats]);
	if (problem && !value) return <p class="muted small">{problemText(t, problem)}</p>;
	if (!value) return <p class="muted small">{t("loading")}</p>;
	const items = value.items.filter((chat) => chat.conversation !== except);
	if (items.length === 0) return <p class="muted small">{t(except ? "other_none" : "earlier_none")}</p>;
	return (
		<ul class="pages">
			{items.map((chat) => (
				<li key={chat.conversation} class="pages-one">
					<Link to={{ page: "log", id: chat.conversation }} onFollow={onOpen}>
						{dateAndTime(chat.started_at, t.language)}
					</Link>
					<span class="muted small">
						{t.count("messages", chat.messages)} · {duration(chat.duration_s ?? 0)}
					</span>
				</li>
			))}
		</ul>
	);
}
