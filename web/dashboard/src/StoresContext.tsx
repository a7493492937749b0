/** What components may reach: made once in `main.tsx`, handed down by context. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Api } from "./api/api";
import type { BrowserStorage } from "./browserStorage";
import type { ConversationsStore } from "./chats/ConversationsStore";
import type { Clock } from "./clock";
import type { ConnectionStore } from "./live/ConnectionStore";
import type { NoticesStore } from "./notices/NoticesStore";
import type { ToastStore } from "./parts/ToastStore";
import type { Router } from "./routing/Router";
import type { InvitationStore } from "./session/InvitationStore";
import type { SessionStore } from "./session/SessionStore";
import type { SiteStore } from "./settings/SiteStore";
import type { LanguageStore, T } from "./texts/LanguageStore";
import type { VisitorsStore } from "./visitors/list/VisitorsStore";
import type { ProfileStore } from "./visitors/profile/ProfileStore";
import type { ChatWindowsStore } from "./windows/ChatWindowsStore";

export interface Stores {
	api: Api;
	boxes: ChatWindowsStore;
	clock: Clock;
	conversations: ConversationsStore;
	invitation: InvitationStore;
	language: LanguageStore;
	live: ConnectionStore;
	notices: NoticesStore;
	profiles: ProfileStore;
	router: Router;
	session: SessionStore;
	/** What this tab remembers from page to page. */
	tab: BrowserStorage;
	site: SiteStore;
	toasts: ToastStore;
	visitors: VisitorsStore;
}

export const StoresContext = createContext<Stores | null>(null);

export function useStores(): Stores {
	const stores = useContext(StoresContext);
	if (!stores) throw new Error("components stand below the provider of the stores");
	return stores;
}

/** The texts in the agent's language; the component is drawn again when that changes. */
export function useText(): T {
	return useStores().language.t.value;
}
