/** Puts the application together: the loader on one side, the screen on the other, the store between them. */
import "@palique/ui/tokens.css";
import "./app.css";
import { render } from "preact";
import { coloursOf } from "./colours";
import { connectHost } from "./host";
import { makeKept } from "./kept";
import { chooseTexts } from "./language";
import { lookOf } from "./look";
import { Panel } from "./Panel";
import { unreadOf } from "./rows";
import { Store } from "./store";

function start(view: Window): void {
	const say = chooseTexts(view);
	view.document.documentElement.lang = say.language;
	const colours = new CSSStyleSheet();
	view.document.adoptedStyleSheets = [colours];
	let painted: object | undefined;
	let told = "";
	let drawing = false;

	function draw(): void {
		drawing = false;
		const open = store.around?.open ?? false;
		const site = store.around?.site;
		if (site && painted !== site.colours) colours.replaceSync(coloursOf(site));
		painted = site?.colours;
		const look = lookOf(open, unreadOf(store.chat), say);
		if (told !== look.label) host.command({ do: "look", ...look });
		told = look.label;
		render(<Panel store={store} open={open} say={say} />, view.document.body);
	}

	const store = new Store(
		() => host,
		makeKept(view),
		// Hidden pages get no animation frames, and the badge must be right there too.
		() => {
			if (!drawing) view.setTimeout(draw);
			drawing = true;
		},
	);
	const host = connectHost(view, store);
	view.addEventListener("online", () => store.networked(true));
	view.addEventListener("offline", () => store.networked(false));
	host.command({ do: "ready" });
}

start(window);
