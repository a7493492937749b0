/** Builds the dashboard's stores and shows it. Everything that the parts share is made here and passed on. */
import "@palique/ui/tokens.css";
import "./base.css";
import { render } from "preact";
import { App } from "./App";
import { Api } from "./api/api";
import { Http } from "./api/http";
import { BoxesStore } from "./boxes/BoxesStore";
import { ConversationsStore } from "./chats/ConversationsStore";
import { Clock } from "./clock";
import { Keep } from "./keep";
import { LiveStore } from "./live/LiveStore";
import { NoticesStore } from "./notices/NoticesStore";
import { Tone } from "./notices/Tone";
import { ToastStore } from "./parts/ToastStore";
import { Router } from "./routing/Router";
import { InvitationStore } from "./session/InvitationStore";
import { SessionStore } from "./session/SessionStore";
import { SiteStore } from "./settings/SiteStore";
import { type Stores, StoresContext } from "./stores";
import { LanguageStore } from "./texts/LanguageStore";
import { ProfileStore } from "./visitors/ProfileStore";
import { VisitorsStore } from "./visitors/VisitorsStore";
import { wire } from "./wire";

function build(view: Window): Stores {
	const http = new Http(view.fetch.bind(view), "/api/v1");
	const api = new Api(http);
	const keep = new Keep(view, "localStorage");
	const tab = new Keep(view, "sessionStorage");
	const session = new SessionStore(api);
	const scheme = view.location.protocol === "https:" ? "wss" : "ws";
	const live: LiveStore = new LiveStore({
		view,
		url: `${scheme}://${view.location.host}/ws/agent`,
		session: () => session.renewed(),
		cursors: () => conversations.cursors(),
	});
	const conversations = new ConversationsStore(live, tab, view);
	http.onSignedOut = () => session.expired();
	live.onSignedOut = () => session.expired();
	return {
		api,
		boxes: new BoxesStore(keep, view),
		clock: new Clock(view),
		conversations,
		invitation: new InvitationStore(view),
		language: new LanguageStore(keep, view.navigator.languages, view.document.documentElement),
		live,
		notices: new NoticesStore(keep, view, new Tone(view)),
		profiles: new ProfileStore(api),
		router: new Router(view),
		session,
		tab,
		site: new SiteStore(api),
		toasts: new ToastStore(view),
		visitors: new VisitorsStore((frame) => live.send(frame)),
	};
}

const root = document.getElementById("app");
if (root) {
	const stores = build(window);
	wire(stores);
	render(
		<StoresContext.Provider value={stores}>
			<App />
		</StoresContext.Provider>,
		root,
	);
}
