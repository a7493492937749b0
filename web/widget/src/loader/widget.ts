/**
 * The visitor's presence on this page, and the way to the application in the iframe. Presence needs the link only; the
 * application is loaded when a person opens the chat, when a chat is under way, or when an agent writes.
 */
import { type Connection, type Cursor, makeConnection } from "@palique/client";
import type { ConnectionStatus, SiteSettings } from "../bridge";
import { makeLauncher } from "./launcher";
import { watchPage } from "./pageWatcher";
import { openSession, type Session } from "./session";
import type { LoaderStorage } from "./storage";

/** Frames kept for an application that still loads; a hole left by older ones is fetched. */
const BACKLOG = 100;
/** Closed for good: banned, or chat was switched off. */
const FORBIDDEN = 4403;

/** What the loader shares with the rest of the widget once that is there. */
export interface Widget extends ReturnType<typeof makeLauncher> {
	readonly gateway: string;
	readonly store: LoaderStorage;
	readonly link: Connection;
	session: Session;
	state: ConnectionStatus;
	cursors: readonly Cursor[];
	/** The last `welcome` and what came after it, until the application takes over. */
	backlog: string[];
	shown: boolean;
	/** Shows and hides the panel, with the focus when a person asked for it. */
	show(open: boolean, focus: boolean): void;
	/** Takes a frame to the application. */
	post(raw: string): void;
	/** Tells the application how things stand; nothing as long as there is none. */
	tell(focus: boolean): void;
}

/**
 * The exports of `panel.js`. An open page may hold a loader of an older version: these names, and those of `Widget`, stay
 * compatible.
 */
export interface PanelModule {
	ask(language: string, site: SiteSettings, agreed: Promise<void>): void;
	attend(widget: Widget): void;
}

/** Loads the code that few pages need, which keeps the loader small. */
export function loadMore(gateway: string): Promise<PanelModule> {
	return import(/* @vite-ignore */ `${gateway}/widget/panel.js`);
}

/** Starts it; the result shows and hides the panel. */
export function startWidget(
	gateway: string,
	site: string,
	language: string,
	store: LoaderStorage,
	session: Session,
): Widget["show"] {
	const launcher = makeLauncher(session.site);
	const { host, root, button, frame: panel } = launcher;
	const page = watchPage((now) => link.send(JSON.stringify({ type: "page", ...now })));
	const link = makeConnection({
		dial: () => new WebSocket(`${gateway.replace("http", "ws")}/ws/visitor`, "palique.v1"),
		hello() {
			const { token } = widget.session;
			return JSON.stringify({
				type: "hello",
				token,
				client: "widget/1.0",
				page: page(),
				cursors: widget.cursors,
			});
		},
		ping: () => JSON.stringify({ type: "ping", cursors: widget.cursors }),
		async session() {
			const renewed = await openSession(gateway, site, store, true);
			if (renewed) widget.session = renewed;
			return !!renewed;
		},
		frame(frame, raw) {
			const { type } = frame;
			if (type === "welcome") widget.backlog = [];
			widget.post(raw);
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
	const widget: Widget = {
		...launcher,
		gateway,
		store,
		link,
		session,
		state: "down",
		cursors: [],
		backlog: [],
		shown: false,
		show,
		post(raw) {
			if (this.backlog.push(raw) > BACKLOG) this.backlog.splice(1, 1);
		},
		tell() {},
	};

	function load(): void {
		if (panel.isConnected) return;
		root.append(panel);
		// It must hear what the application says first.
		loadMore(gateway).then((more) => {
			more.attend(widget);
			panel.src = `${gateway}/widget/app/?${new URLSearchParams({ site, language, origin: location.origin })}`;
		});
	}

	function show(open: boolean, focus: boolean): void {
		if (open) load();
		widget.shown = open;
		button.className = open ? "open" : "";
		button.ariaExpanded = `${open}`;
		store.setOpen(open);
		if (focus) {
			// A panel that still loads cannot take it: it follows from the button.
			button.focus();
			if (open) panel.focus();
		}
		widget.tell(focus);
	}

	function linked(state: ConnectionStatus): void {
		widget.state = state;
		widget.tell(false);
	}

	// Both make the link prove itself: a cut one would be found out a minute later.
	addEventListener("online", link.wake);
	addEventListener("offline", link.wake);
	document.addEventListener("visibilitychange", () => document.hidden || link.wake());
	button.onclick = () => show(!widget.shown, true);
	if (store.wasOpen()) show(true, false);
	link.start();
	return show;
}
