/** Entry point of the application in the iframe: connects loader, store and screen. */
import "@palique/ui/tokens.css";
import "./app.css";
import { render } from "preact";
import { ChatStore } from "./ChatStore";
import { coloursOf } from "./colours";
import { chooseTexts } from "./language";
import { launcherLook } from "./launcherLook";
import { connectLoader } from "./loaderBridge";
import { makeOutboxStorage } from "./outboxStorage";
import { Panel } from "./Panel";
import { unreadOf } from "./rows";

function start(view: Window): void {
	const t = chooseTexts(view);
	view.document.documentElement.lang = t.language;
	const colours = new CSSStyleSheet();
	view.document.adoptedStyleSheets = [colours];
	let painted: object | undefined;
	let lastSent = "";
	let drawing = false;

	function draw(): void {
		drawing = false;
		const open = store.hostState?.open ?? false;
		const site = store.hostState?.site;
		if (site && painted !== site.colours) colours.replaceSync(coloursOf(site));
		painted = site?.colours;
		const look = launcherLook(open, unreadOf(store.chat), t);
		if (lastSent !== look.label) host.command({ do: "look", ...look });
		lastSent = look.label;
		render(<Panel store={store} open={open} t={t} />, view.document.body);
	}

	const store = new ChatStore(
		() => host,
		makeOutboxStorage(view),
		// A timer, because hidden pages get no animation frames and the badge must be right there too.
		() => {
			if (!drawing) view.setTimeout(draw);
			drawing = true;
		},
	);
	const host = connectLoader(view, store);
	view.addEventListener("online", () => store.setNetwork(true));
	view.addEventListener("offline", () => store.setNetwork(false));
	host.command({ do: "ready" });
}

start(window);
