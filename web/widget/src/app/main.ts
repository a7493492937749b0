/** Entry point of the application in the iframe: connects loader, stores and screen. */
import { Tone } from "@palique/ui/Tone";
import "@palique/ui/tokens.css";
import "./app.css";
import { ChatStore } from "./ChatStore";
import { chooseTexts } from "./language";
import { connectLoader } from "./loaderBridge";
import { NoticeStore } from "./NoticeStore";
import { makeNoticeStorage } from "./noticeStorage";
import { makeOutboxStorage } from "./outboxStorage";
import { Screen } from "./Screen";
import { forOneVisitor } from "./visitorChange";

function start(view: Window): void {
	const t = chooseTexts(view);
	view.document.documentElement.lang = t.language;
	const changed = () => screen.drawSoon();
	const store = new ChatStore(() => host, makeOutboxStorage(view), changed);
	const notices = new NoticeStore(makeNoticeStorage(view), new Tone(view), changed);
	const host = connectLoader(
		view,
		forOneVisitor(view, store, () => view.location.reload()),
	);
	const screen = new Screen(view, store, notices, host, t);
	view.addEventListener("online", () => store.setNetwork(true));
	view.addEventListener("offline", () => store.setNetwork(false));
	view.document.addEventListener("visibilitychange", changed);
	// Another tab of the visitor dismissed the message.
	view.addEventListener("storage", changed);
	host.command({ do: "ready" });
}

start(window);
