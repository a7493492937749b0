/** Entry point: builds all stores, connects them and renders the dashboard. */
import { Tone } from "@palique/ui/Tone";
import "@palique/ui/tokens.css";
import "./base.css";
import { render } from "preact";
import { App } from "./App";
import { Api } from "./api/api";
import { Http } from "./api/http";
import { BrowserStorage } from "./browserStorage";
import { ChatListStore } from "./chats/ChatListStore";
import { ChatTicketsStore } from "./chats/ChatTicketsStore";
import { ConversationsStore } from "./chats/ConversationsStore";
import { OtherChatsStore } from "./chats/OtherChatsStore";
import { Clock } from "./clock";
import { connectStores } from "./connectStores";
import { FocusKeeper } from "./keyboard/FocusKeeper";
import { KeyboardStore } from "./keyboard/KeyboardStore";
import { ConnectionStore } from "./live/ConnectionStore";
import { NamesStore } from "./live/NamesStore";
import { NoticesStore } from "./notices/NoticesStore";
import { ToastStore } from "./parts/ToastStore";
import { Router } from "./routing/Router";
import { type Stores, StoresContext } from "./StoresContext";
import { InvitationStore } from "./session/InvitationStore";
import { SessionStore } from "./session/SessionStore";
import { FirstStepsStore } from "./settings/FirstStepsStore";
import { SiteStore } from "./settings/SiteStore";
import { LanguageStore } from "./texts/LanguageStore";
import { VisitorsStore } from "./visitors/list/VisitorsStore";
import { ProfileStore } from "./visitors/profile/ProfileStore";
import { ChatWindowsStore } from "./windows/ChatWindowsStore";

function build(view: Window): Stores {
	const clock = new Clock(view);
	const http = new Http(view.fetch.bind(view), "/api/v1");
	const api = new Api(http);
	const storage = new BrowserStorage(view, "localStorage");
	const tab = new BrowserStorage(view, "sessionStorage");
	const session = new SessionStore(api);
	const live = buildLive(view, session, tab, clock);
	const otherChats = new OtherChatsStore(api, live.conversations, view);
	const windows = new ChatWindowsStore(storage, view);
	const site = new SiteStore(api);
	const hasTeams = () => site.site.value?.teams === true;
	http.onDate = (date) => clock.correctByHeader(date);
	http.onSignedOut = () => session.expired();
	return {
		...live,
		api,
		chatList: new ChatListStore(live.conversations, otherChats, windows, session, hasTeams),
		windows,
		chatTickets: new ChatTicketsStore(),
		clock,
		otherChats,
		firstSteps: new FirstStepsStore(api),
		invitation: new InvitationStore(view),
		language: new LanguageStore(storage, view.navigator.languages, view.document.documentElement),
		keyboard: new KeyboardStore(storage, view),
		notices: new NoticesStore(storage, view, new Tone(view)),
		profiles: new ProfileStore(api, live.names),
		router: new Router(view),
		session,
		storage,
		tab,
		site,
		toasts: new ToastStore(view),
	};
}

/** The connection, and the stores that send on it. */
function buildLive(view: Window, session: SessionStore, tab: BrowserStorage, clock: Clock) {
	const scheme = view.location.protocol === "https:" ? "wss" : "ws";
	const connection: ConnectionStore = new ConnectionStore({
		view,
		url: `${scheme}://${view.location.host}/ws/agent`,
		session: () => session.renewed(),
		cursors: () => conversations.cursors(),
		opening: () => visitors.opening(),
	});
	connection.onSignedOut = () => session.expired();
	const names = new NamesStore((frame) => connection.send(frame));
	const visitors = new VisitorsStore((frame) => connection.send(frame));
	const conversations = new ConversationsStore(connection, tab, clock, view);
	return { connection, names, visitors, conversations };
}

const root = document.getElementById("app");
if (root) {
	const stores = build(window);
	connectStores(stores);
	new FocusKeeper(document).start();
	// Preact leaves elements in place that it did not make: the sentence for a page without this script.
	root.replaceChildren();
	render(
		<StoresContext.Provider value={stores}>
			<App />
		</StoresContext.Provider>,
		root,
	);
}
