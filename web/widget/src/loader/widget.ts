/**
 * The visitor's presence on this page, and the way to the application in the iframe. Presence needs the link only; the
 * application is loaded when a person opens the chat, when a chat is under way, or when an agent writes.
 */
import { type Cursor, makeLink } from "@palique/client";
import type { Commands, LinkState, ToApp, ToLoader } from "../bridge";
import { makeLauncher } from "./launcher";
import { watchPage } from "./page";
import { openSession, type Session } from "./session";
import type { Store } from "./store";

/** Frames kept for an application that still loads; a hole left by older ones is fetched. */
const BACKLOG = 100;
/** Closed for good: banned, or chat was switched off. */
const FORBIDDEN = 4403;

/** Starts it; the result shows and hides the panel, with the focus when a person asked for it. */
export function startWidget(
	gateway: string,
	site: string,
	language: string,
	store: Store,
	session: Session,
): (open: boolean, focus: boolean) => void {
	let state: LinkState = "down";
	let cursors: readonly Cursor[] = [];
	/** The last `welcome` and what came after it, until the application takes over. */
	let backlog: string[] = [];
	let ready = false;
	let shown = false;

	const { host, root, button, frame: panel, added } = makeLauncher();
	const page = watchPage((now) => link.send(JSON.stringify({ type: "page", ...now })));
	const link = makeLink({
		dial: () => new WebSocket(`${gateway.replace("http", "ws")}/ws/visitor`, "palique.v1"),
		hello() {
			const { token } = session;
			return JSON.stringify({ type: "hello", token, client: "widget/1.0", page: page(), cursors });
		},
		ping: () => JSON.stringify({ type: "ping", cursors }),
		async session() {
			const renewed = await openSession(gateway, site, store);
			if (renewed) session = renewed;
			return !!renewed;
		},
		frame(frame, raw) {
			const { type } = frame;
			if (type === "welcome") backlog = [];
			if (ready) post(raw);
			else if (backlog.push(raw) > BACKLOG) backlog.splice(1, 1);
			// Whatever happens in a chat, or one that is under way.
			const under = type === "welcome" && frame.conversations.some((chat) => chat.status !== "closed");
			if (under || type === "entry") load();
		},
		up: () => linked("up"),
		down: () => linked("down"),
		stopped(code) {
			if (code === FORBIDDEN) host.remove();
			linked(code);
		},
	});

	function load(): void {
		if (panel.src) return;
		panel.src = `${gateway}/widget/app/?${new URLSearchParams({ site, language, origin: location.origin })}`;
		root.append(panel);
	}

	function show(open: boolean, focus: boolean): void {
		if (open) load();
		shown = open;
		button.className = open ? "open" : "";
		button.ariaExpanded = `${open}`;
		store.setOpen(open);
		if (focus) (open ? panel : button).focus();
		tell(focus);
	}

	function linked(link: LinkState): void {
		state = link;
		tell(false);
	}

	function tell(focus: boolean): void {
		const { site } = session;
		post({ site, link: state, kept: store.kept(), open: shown, focus, wanted: store.wasOpen() });
	}

	function post(message: ToApp): void {
		if (ready) panel.contentWindow?.postMessage(message, gateway);
	}

	const on: { [Do in keyof Commands]: (command: Commands[Do]) => void } = {
		ready() {
			// An application that starts again knows nothing: only a new welcome tells it all.
			if (ready) {
				cursors = [];
				link.stop();
				link.start();
			}
			ready = true;
			// The person who opened the panel may still wait in it.
			tell(document.activeElement === host);
			backlog.map(post);
		},
		cursors(command) {
			cursors = command.cursors;
		},
		keep: ({ clientId, item }) => store.keep(clientId, item),
		look({ css, label, badge }) {
			added.replaceSync(css);
			button.ariaLabel = label;
			button.dataset.badge = badge;
		},
		show: ({ open, focus }) => show(open, focus),
		resume: link.start,
	};

	function hear({ source, origin, data }: MessageEvent<ToLoader>): void {
		if (!source || source !== panel.contentWindow || origin !== gateway) return;
		if (typeof data === "string") link.send(data);
		else on[data.do](data as never);
	}

	addEventListener("message", hear);
	// Both make the link prove itself: a cut one would be found out a minute later.
	addEventListener("online", link.wake);
	addEventListener("offline", link.wake);
	document.addEventListener("visibilitychange", () => document.hidden || link.wake());
	button.onclick = () => show(!shown, true);
	if (store.wasOpen()) show(true, false);
	link.start();
	return show;
}
