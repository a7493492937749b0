/**
 * Connects the page to the gateway and loads the application into the iframe. Presence needs only the connection; the application
 * is loaded when the visitor opens the chat, during a chat, or on an agent's message.
 */
import {
	type Connection,
	type ConnectionOptions,
	type Cursor,
	makeConnection,
	type Page,
	type Welcome,
} from "@palique/client";
import type { Call } from "@palique/loader";
import type { ConnectionStatus, SiteSettings } from "../bridge";
import { makeLauncher } from "./launcher";
import { watchPage } from "./pageWatcher";
import type { OpenSession, Session } from "./session";
import type { LoaderStorage } from "./storage";
import { gateway, tag } from "./tag";

/** Frames buffered while the application loads; it fetches older ones. */
const BACKLOG = 100;

/** State that the loader shares with the code in `panel.js`. */
export interface Widget extends ReturnType<typeof makeLauncher> {
	/** Attributes of the script tag. Missing in older loaders. */
	readonly tag?: DOMStringMap;
	readonly gateway: string;
	readonly store: LoaderStorage;
	/** Set at the start. */
	link: Connection;
	session: Session;
	state: ConnectionStatus;
	/** The application's; missing before it has any. */
	cursors?: readonly Cursor[] | undefined;
	/** The last `welcome` and the frames after it, until the application is ready. */
	backlog: string[];
	shown: boolean;
	/** Chat is off for the site. Missing in older loaders. */
	off?: boolean;
	/** Set and used by `panel.js` alone. */
	page?: PageCalls;
	/** Shows or hides the panel; moves the focus when the visitor asked for it. */
	show(open: boolean, focus: boolean): void;
	/** Passes a frame to the application. */
	post(raw: string): void;
	/** Sends the state to the application, if it is loaded. */
	tell(focus: boolean): void;
}

/** What the page does through `Palique`, and what it hears. `panel.js` has the code. */
export interface PageCalls {
	call(name: string, values: readonly unknown[]): void;
	/** Attaches itself to the widget's methods, again after the application has taken them over. */
	observe(): void;
	/** The application counts unread messages. */
	count(unread: number): void;
	/** True while the page hides the button. */
	readonly hidden: boolean;
	/** The text of the page for the message field, once. */
	takePrefill(): string | undefined;
}

/**
 * The exports of `panel.js`. An open page may hold a loader of an older version: these names, and those of `Widget`, stay
 * compatible.
 */
export interface PanelModule {
	/** Only older loaders call it. */
	ask(language: string, site: SiteSettings, agreed: Promise<void>): void;
	/** Asks for consent, then for a session. */
	agree(
		tag: DOMStringMap,
		site: SiteSettings,
		waiting: readonly Call[],
		openSession: OpenSession,
	): Promise<Session | undefined>;
	attend(widget: Widget): void;
	/** A call of the page. */
	call(widget: Widget, name: string, values: readonly unknown[]): void;
	/** The page without what its addresses must not give away. */
	strip(page: Page, tag: DOMStringMap): Page;
	/** The state is the close code. */
	stopped(widget: Widget, reason: string, openSession: OpenSession): void;
}

/** Loads the code that not all pages need, which keeps the loader small. */
export function loadPanel(): Promise<PanelModule> {
	return import(/* @vite-ignore */ `${gateway}/widget/panel.js`);
}

/** Starts the widget; returns the function that takes the calls of the page. */
export function startWidget(
	store: LoaderStorage,
	session: Session,
	openSession: OpenSession,
): (call: Call) => void {
	const widget = makeWidget(store, session);
	const page = watchPage(async () =>
		link.send(JSON.stringify({ type: "page", ...(await stripped(page())) })),
	);
	const link = makeConnection(callbacks(widget, page, openSession));
	widget.link = link;

	// On both events the connection is tested: a dead one would be noticed a minute later.
	for (const event of "online offline visibilitychange".split(" "))
		addEventListener(event, () => document.hidden || link.wake());
	widget.button.onclick = () => widget.show(!widget.shown, true);
	if (store.wasOpen()) widget.show(true, false);
	link.start();
	return ([name, ...values]) => {
		if (name === "open" || name === "close") widget.show(name === "open", true);
		else loadPanel().then((more) => more.call(widget, name, values));
	};
}

/** A shut widget, not connected yet. */
function makeWidget(store: LoaderStorage, session: Session): Widget {
	const widget = {
		...makeLauncher(session.site, tag),
		tag,
		gateway,
		store,
		session,
		state: "down",
		backlog: [],
		shown: false,
		show(open, focus) {
			if (open) loadApp(widget);
			widget.shown = open;
			widget.button.className = open ? "open" : "";
			// The browser makes a text of it.
			widget.button.ariaExpanded = open as unknown as string;
			store.setOpen(open);
			if (focus) {
				// A loading panel cannot take the focus: it moves there from the button later.
				widget.button.focus();
				if (open) widget.frame.focus();
			}
			widget.tell(focus);
		},
		post(raw) {
			if (widget.backlog.push(raw) > BACKLOG) widget.backlog.splice(1, 1);
		},
		tell() {},
	} as Omit<Widget, "link"> as Widget;
	return widget;
}

/** What the widget does at each step of its connection. */
function callbacks(widget: Widget, page: () => Required<Page>, openSession: OpenSession): ConnectionOptions {
	const setStatus = (state: ConnectionStatus) => {
		widget.state = state;
		widget.tell(false);
	};

	return {
		dial: () => new WebSocket(`${gateway.replace("http", "ws")}/ws/visitor`, "palique.v1"),
		async hello(socket) {
			socket.send(
				JSON.stringify({
					type: "hello",
					token: widget.session.token,
					page: await stripped(page()),
					cursors: widget.cursors,
				}),
			);
		},
		ping: () => JSON.stringify({ type: "ping", cursors: widget.cursors }),
		async session() {
			// Agreed as long as the browser has the token: another tab may have forgotten the visitor.
			// biome-ignore lint/suspicious/noAssignInExpressions: two bytes smaller, and the loader is at its limit
			return (widget.session = (await openSession(!!widget.store.token())) || widget.session).token;
		},
		frame(frame, raw) {
			if (frame.type === "welcome") widget.backlog = [];
			widget.post(raw);
			// Load on any entry, and while a chat is running: a `welcome` has the conversations.
			const running = (frame as Partial<Welcome>).conversations?.some((chat) => chat.status !== "closed");
			if (running || frame.type === "entry") loadApp(widget);
		},
		up: () => setStatus("up"),
		down: () => setStatus("down"),
		stopped(code, reason) {
			setStatus(code);
			loadPanel().then((more) => more.stopped(widget, reason, openSession));
		},
	};
}

/** The page without what its addresses must not give away. Most have nothing to strip. Without the code for it, nothing is said. */
async function stripped(page: Required<Page>): Promise<Page> {
	try {
		return /[?#]/.test(page.url + page.referrer) ? (await loadPanel()).strip(page, tag) : page;
	} catch {
		return {};
	}
}

/** Once: presence needs only the connection. */
function loadApp(widget: Widget): void {
	if (widget.frame.isConnected) return;
	widget.root.append(widget.frame);
	// The bridge must listen before the application sends its first message.
	loadPanel().then((more) => {
		more.attend(widget);
		widget.frame.src = `${gateway}/widget/app/?${new URLSearchParams({
			site: tag.site as string,
			language: tag.language ?? document.documentElement.lang,
			origin: location.origin,
		})}`;
	});
}
