/**
 * Connects the page to the gateway and loads the application into the iframe. Presence needs only the connection; the application
 * is loaded when the visitor opens the chat, during a chat, or on an agent's message.
 */
import { type Connection, type Cursor, makeConnection } from "@palique/client";
import type { ConnectionStatus, SiteSettings } from "../bridge";
import { makeLauncher } from "./launcher";
import { watchPage } from "./pageWatcher";
import type { OpenSession, Session } from "./session";
import type { LoaderStorage } from "./storage";

/** Frames buffered while the application loads; it fetches older ones. */
const BACKLOG = 100;

/** State that the loader shares with the code in `panel.js`. */
export interface Widget extends ReturnType<typeof makeLauncher> {
	readonly gateway: string;
	readonly store: LoaderStorage;
	readonly link: Connection;
	session: Session;
	state: ConnectionStatus;
	/** The application's; missing before it has any. */
	cursors?: readonly Cursor[] | undefined;
	/** The last `welcome` and the frames after it, until the application is ready. */
	backlog: string[];
	shown: boolean;
	/** Chat is off for the site. Missing in older loaders. */
	off?: boolean;
	/** Shows or hides the panel; moves the focus when the visitor asked for it. */
	show(open: boolean, focus: boolean): void;
	/** Passes a frame to the application. */
	post(raw: string): void;
	/** Sends the state to the application, if it is loaded. */
	tell(focus: boolean): void;
}

/**
 * The exports of `panel.js`. An open page may hold a loader of an older version: these names, and those of `Widget`, stay
 * compatible.
 */
export interface PanelModule {
	ask(language: string, site: SiteSettings, agreed: Promise<void>): void;
	attend(widget: Widget): void;
	/** The state is the close code. */
	stopped(widget: Widget, reason: string, openSession: OpenSession): void;
}

/** Loads the code that few pages need, which keeps the loader small. */
export function loadMore(gateway: string): Promise<PanelModule> {
	return import(/* @vite-ignore */ `${gateway}/widget/panel.js`);
}

/** Starts the widget; returns the function that shows and hides the panel. */
export function startWidget(
	gateway: string,
	site: string,
	language: string,
	store: LoaderStorage,
	session: Session,
	openSession: OpenSession,
): Widget["show"] {
	const launcher = makeLauncher(session.site);
	const { root, button, frame: panel } = launcher;
	const page = watchPage((now) => link.send(JSON.stringify({ type: "page", ...now })));
	const link = makeConnection({
		dial: () => new WebSocket(`${gateway.replace("http", "ws")}/ws/visitor`, "palique.v1"),
		hello() {
			return JSON.stringify({
				type: "hello",
				token: widget.session.token,
				client: "widget/1.0",
				page: page(),
				cursors: widget.cursors,
			});
		},
		ping: () => JSON.stringify({ type: "ping", cursors: widget.cursors }),
		async session() {
			const renewed = await openSession(true);
			if (renewed) widget.session = renewed;
			return !!renewed;
		},
		frame(frame, raw) {
			const { type } = frame;
			if (type === "welcome") widget.backlog = [];
			widget.post(raw);
			// Load on any entry, and while a chat is running.
			const running = type === "welcome" && frame.conversations.some((chat) => chat.status !== "closed");
			if (running || type === "entry") load();
		},
		up: () => setStatus("up"),
		down: () => setStatus("down"),
		stopped(code, reason) {
			setStatus(code);
			loadMore(gateway).then((more) => more.stopped(widget, reason, openSession));
		},
	});
	const widget: Widget = {
		...launcher,
		gateway,
		store,
		link,
		session,
		state: "down",
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
		// The bridge must listen before the application sends its first message.
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
			// A loading panel cannot take the focus: it moves there from the button later.
			button.focus();
			if (open) panel.focus();
		}
		widget.tell(focus);
	}

	function setStatus(state: ConnectionStatus): void {
		widget.state = state;
		widget.tell(false);
	}

	// On both events the connection is tested: a dead one would be noticed a minute later.
	addEventListener("online", link.wake);
	addEventListener("offline", link.wake);
	document.addEventListener("visibilitychange", () => document.hidden || link.wake());
	button.onclick = () => show(!widget.shown, true);
	if (store.wasOpen()) show(true, false);
	link.start();
	return show;
}
