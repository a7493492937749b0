/** Entry point of the application in the iframe: connects loader, store and screen. */
import { Tone } from "@palique/ui/Tone";
import "@palique/ui/tokens.css";
import "./app.css";
import { render } from "preact";
import type { Commands } from "../bridge";
import { ChatStore } from "./ChatStore";
import { coloursOf } from "./colours";
import { chooseTexts } from "./language";
import { launcherLook, previewStyle } from "./launcherLook";
import { connectLoader } from "./loaderBridge";
import { NoticeStore } from "./NoticeStore";
import { makeNoticeStorage } from "./noticeStorage";
import { makeOutboxStorage } from "./outboxStorage";
import { Panel } from "./Panel";
import { Preview } from "./Preview";
import { unreadOf } from "./rows";
import { forOneVisitor } from "./visitorChange";

function start(view: Window): void {
	const t = chooseTexts(view);
	view.document.documentElement.lang = t.language;
	const colours = new CSSStyleSheet();
	view.document.adoptedStyleSheets = [colours];
	let painted: object | undefined;
	let lastLook = "";
	let previewHeight = 0;
	let drawing = false;

	// A timer, because hidden pages get no animation frames and the badge must be right there too.
	function changed(): void {
		if (!drawing) view.setTimeout(draw);
		drawing = true;
	}

	function draw(): void {
		drawing = false;
		const { hostState, chat } = store;
		if (!hostState) return;
		const { open, site } = hostState;
		if (painted !== site.colours) colours.replaceSync(coloursOf(site));
		painted = site.colours;
		const seen = open && view.document.visibilityState === "visible";
		const unseen = seen || (hostState.hidden && !open) ? null : notices.newest(chat);
		const preview = open ? null : unseen;
		if (unseen) notices.ring(unseen);
		const look = launcherLook(open, unreadOf(chat).length, t);
		if (preview && previewHeight) look.css += previewStyle(previewHeight, site.position);
		look.notice = unseen ? t.count("page_title_unread", unreadOf(chat).length) : "";
		send(look);
		render(
			<>
				<Panel store={store} notices={notices} open={open} t={t} />
				<Preview
					entry={preview}
					title={site.texts?.[t.texts]?.title || site.name || t("title")}
					onOpen={() => store.open()}
					onDismiss={() => preview && notices.dismiss(preview)}
					onSize={resized}
					t={t}
				/>
			</>,
			view.document.body,
		);
	}

	function send(look: Commands["look"]): void {
		const json = JSON.stringify(look);
		if (json !== lastLook) host.command({ do: "look", ...look });
		lastLook = json;
	}

	function resized(height: number): void {
		previewHeight = height;
		changed();
	}

	const store = new ChatStore(() => host, makeOutboxStorage(view), changed);
	const notices = new NoticeStore(makeNoticeStorage(view), new Tone(view), changed);
	const host = connectLoader(
		view,
		forOneVisitor(view, store, () => view.location.reload()),
	);
	view.addEventListener("online", () => store.setNetwork(true));
	view.addEventListener("offline", () => store.setNetwork(false));
	view.document.addEventListener("visibilitychange", changed);
	// Another tab of the visitor dismissed the message.
	view.addEventListener("storage", changed);
	host.command({ do: "ready" });
}

start(window);
