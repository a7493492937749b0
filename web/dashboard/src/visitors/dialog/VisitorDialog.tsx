import "./VisitorDialog.css";
import { Avatar } from "@palique/ui/Avatar";
import { WebLink } from "@palique/ui/WebLink";
import type { Profile } from "../../api/shapes";
import { useChatActions } from "../../chats/useChatActions";
import { useVisitorName } from "../../chats/useVisitorName";
import { Button, IconButton } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Failed, Skeleton } from "../../parts/EmptyState";
import { Pane } from "../../parts/Pane";
import { useStores } from "../../StoresContext";
import { pageName } from "../../texts/pageName";
import { useText } from "../../texts/useText";
import { STATE_TEXTS, StateIcon } from "../list/StateIcon";
import { WaitingLine } from "../list/WaitingLine";
import { EarlierChats } from "../profile/EarlierChats";
import { Pages, PlaceAndComputer } from "../profile/Facts";
import { useProfile } from "../profile/useProfile";
import { WrittenPanes } from "./WrittenPanes";

/** Dialog with all data of one visitor (S-17, S-23 … S-30). */
export function VisitorDialog({ visitor }: { visitor: string }) {
	const { router, profiles } = useStores();
	const t = useText();
	const { startWith } = useChatActions();
	const loaded = useProfile(visitor);
	const close = () => router.closeVisitor();
	const profile = loaded.phase === "ready" ? loaded.value : null;
	const name = useVisitorName({ id: visitor, name: profile?.name ?? "" });
	const chat = () => {
		close();
		void startWith(visitor);
	};
	const title = profile ? <Head profile={profile} name={name} /> : t("visitor_title");
	const tools = (
		<>
			{profile ? (
				<Button kind="primary" icon="chat" onClick={chat}>
					{t("chat_with_this")}
				</Button>
			) : null}
			<IconButton icon="close" label={t("close")} onClick={close} />
		</>
	);
	return (
		<Dialog wide onClose={close} title={title} tools={tools}>
			{profile ? (
				<Body profile={profile} />
			) : loaded.phase === "failed" ? (
				<Failed problem={loaded.problem} retry={() => void profiles.load(visitor)} />
			) : (
				<Skeleton lines={7} />
			)}
		</Dialog>
	);
}

function Head({ profile, name }: { profile: Profile; name: string }) {
	return (
		<span class="vhead">
			<Avatar name={name} seed={profile.visitor} size={40} />
			<span class="vhead-names">
				<span class="cut" dir="auto">
					{name}
				</span>
				<Presence profile={profile} />
				<WaitingLine visitor={profile.visitor} />
			</span>
		</span>
	);
}

function Presence({ profile }: { profile: Profile }) {
	const t = useText();
	if (!profile.online) return <span class="vhead-state muted">{t("status_offline")}</span>;
	const state = profile.state ?? "browsing";
	return (
		<span class="vhead-state muted">
			<StateIcon state={state} size={14} />
			<span aria-hidden="true">{t(STATE_TEXTS[state])}</span>
			{profile.page ? (
				<>
					<span aria-hidden="true">·</span>
					<WebLink address={profile.page.url} class="cut">
						{pageName(profile.page)}
					</WebLink>
				</>
			) : null}
		</span>
	);
}

function Body({ profile }: { profile: Profile }) {
	const { router } = useStores();
	const t = useText();
	return (
		<div class="vbody">
			<div class="vbody-side">
				<WrittenPanes profile={profile} />
			</div>
			<div class="vbody-side">
				<Pane title={t("location_computer")}>
					<PlaceAndComputer profile={profile} />
				</Pane>
				<Pane title={t("pages_last")}>
					<Pages pages={profile.pages} />
				</Pane>
				<Pane title={t("earlier_chats")}>
					<EarlierChats
						visitor={profile.visitor}
						chats={profile.chats}
						onOpen={() => router.closeVisitor()}
					/>
				</Pane>
			</div>
		</div>
	);
}
