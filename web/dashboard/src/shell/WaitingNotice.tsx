import "./WaitingNotice.css";
import { Icon } from "@palique/ui/Icon";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { Button } from "../parts/Button";
import { useStores } from "../StoresContext";
import { pageName } from "../texts/pageName";
import { useText } from "../texts/useText";
import { WaitingLine } from "../visitors/list/WaitingLine";
import { useProfile } from "../visitors/profile/useProfile";

/** Notice of the visitor that has waited longest, on every page: first line, page, waiting time, and the button that accepts. */
export function WaitingNotice() {
	const { conversations } = useStores();
	const [first] = conversations.waiting.value;
	return (
		<div class="waiting-place" role="status">
			{first ? (
				<Notice key={first.conversation} chat={first} count={conversations.waitingCount.value} />
			) : null}
		</div>
	);
}

function Notice({ chat, count }: { chat: ChatSummary; count: number }) {
	const t = useText();
	const { accept, show } = useChatActions();
	const name = useVisitorName(chat.visitor);
	return (
		<div class="waiting-notice">
			<button type="button" class="waiting-chat" onClick={() => show(chat.conversation)}>
				<span class="waiting-head">
					<span class="waiting-name cut" dir="auto">
						{name}
					</span>
					{count > 1 ? <span class="badge">{t.count("waiting_chats", count)}</span> : null}
				</span>
				<WaitingLine visitor={chat.visitor.id} />
				<PageLine visitor={chat.visitor.id} />
			</button>
			<Button kind="primary" small shortcut="accept_next" onClick={() => void accept(chat.conversation)}>
				{t("accept")}
			</Button>
		</div>
	);
}

/** The page that the visitor looks at. Only a visitor outside the list held here costs a request. */
function PageLine({ visitor }: { visitor: string }) {
	const { visitors } = useStores();
	const row = visitors.window.value.rows.get(visitor);
	return row ? <PageName page={row.page} /> : <PageOfProfile visitor={visitor} />;
}

function PageOfProfile({ visitor }: { visitor: string }) {
	const profile = useProfile(visitor);
	return profile.phase === "ready" && profile.value.page ? <PageName page={profile.value.page} /> : null;
}

function PageName({ page }: { page: { title: string; url: string } }) {
	return (
		<span class="waiting-page muted small" title={page.url}>
			<Icon name="eye" size={13} />
			<span class="cut" dir="auto">
				{pageName(page)}
			</span>
		</span>
	);
}
