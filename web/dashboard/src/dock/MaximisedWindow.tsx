import "./MaximisedWindow.css";
import { Avatar } from "@palique/ui/Avatar";
import { WebLink } from "@palique/ui/WebLink";
import { useRef, useState } from "preact/hooks";
import { ActionsMenu } from "../chats/ActionsMenu";
import { Conversation } from "../chats/Conversation";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { IconButton } from "../parts/Button";
import { Failed, Skeleton } from "../parts/EmptyState";
import { Pane } from "../parts/Pane";
import { useEscape } from "../parts/useDismiss";
import { useStores } from "../StoresContext";
import { pageName } from "../texts/pageName";
import { useText } from "../texts/useText";
import { WrittenPanes } from "../visitors/dialog/WrittenPanes";
import { EarlierChats } from "../visitors/profile/EarlierChats";
import { Pages, PlaceAndComputer } from "../visitors/profile/Facts";
import { useProfile } from "../visitors/profile/useProfile";
import { useNarrow } from "../windows/useNarrow";
import { CloseWindowButton } from "./CloseWindowButton";
import { StatusLine } from "./WindowHead";

/** One conversation with all data of the visitor beside it (S-40, S-42, S-48 … S-60). */
export function MaximisedWindow({ chat }: { chat: ChatSummary }) {
	const t = useText();
	const { windows } = useStores();
	const { minimise, restore } = useChatActions();
	// On narrow screens the details replace the conversation.
	const [details, setDetails] = useState(false);
	const { conversation, visitor } = chat;
	const name = useVisitorName(visitor);
	const { single } = windows.screenLayout.value;
	const back = () => (single ? minimise(conversation) : restore(conversation));
	const root = useRef<HTMLElement>(null);
	useEscape(root, back);
	return (
		<section
			class={details ? "max max-details" : "max"}
			aria-label={name}
			data-conversation={conversation}
			ref={root}
		>
			<Head chat={chat} name={name} back={back} details={details} toggle={() => setDetails(!details)} />
			<div class="max-talk">
				<Conversation chat={chat} visitorName={name} />
			</div>
			<aside class="max-side" aria-label={t("visitor_details")}>
				<Side visitor={visitor.id} />
			</aside>
		</section>
	);
}

interface HeadProps {
	chat: ChatSummary;
	name: string;
	back: () => void;
	/** True while the details replace the conversation. */
	details: boolean;
	toggle: () => void;
}

/** Title bar: visitor and controls. */
function Head({ chat, name, back, details, toggle }: HeadProps) {
	const t = useText();
	const { single } = useStores().windows.screenLayout.value;
	const { minimise } = useChatActions();
	const narrow = useNarrow();
	return (
		<header class="max-head">
			{single ? <IconButton icon="left" label={t("box_back")} onClick={back} /> : null}
			<ActionsMenu chat={chat} compact={narrow} />
			<Avatar name={name} seed={chat.visitor.id} size={30} />
			<div class="max-names">
				<h2 class="cut" dir="auto">
					{name}
				</h2>
				<StatusLine chat={chat} />
			</div>
			<span class="max-toggle">
				<IconButton icon="person" label={t("visitor_details")} pressed={details} onClick={toggle} />
			</span>
			{single ? null : (
				<>
					<IconButton icon="minimise" label={t("minimise")} onClick={() => minimise(chat.conversation)} />
					<IconButton icon="restore" label={t("restore")} onClick={back} />
				</>
			)}
			<CloseWindowButton chat={chat} />
		</header>
	);
}

function Side({ visitor }: { visitor: string }) {
	const { profiles } = useStores();
	const t = useText();
	const loaded = useProfile(visitor);
	if (loaded.phase === "loading") return <Skeleton lines={6} />;
	if (loaded.phase === "failed")
		return <Failed problem={loaded.problem} retry={() => void profiles.load(visitor)} />;
	const profile = loaded.value;
	return (
		<>
			{profile.online && profile.page ? (
				<Pane title={t("viewing_now")}>
					<WebLink address={profile.page.url} class="max-page pane-link">
						{pageName(profile.page)}
					</WebLink>
				</Pane>
			) : null}
			<Pane title={t("location_computer")}>
				<PlaceAndComputer profile={profile} />
			</Pane>
			<WrittenPanes profile={profile} />
			<Pane title={t("pages_last")} open={false}>
				<Pages pages={profile.pages} />
			</Pane>
			<Pane title={t("earlier_chats")}>
				<EarlierChats visitor={visitor} chats={profile.chats} />
			</Pane>
		</>
	);
}
