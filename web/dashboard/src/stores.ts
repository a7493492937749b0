/** What components may reach: made once in `main.tsx`, handed down by context. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Api } from "./api/api";
import type { BoxesStore } from "./boxes/BoxesStore";
import type { ConversationsStore } from "./chats/ConversationsStore";
import type { Clock } from "./clock";
import type { Keep } from "./keep";
import type { LiveStore } from "./live/LiveStore";
import type { NoticesStore } from "./notices/NoticesStore";
import type { ToastStore } from "./parts/ToastStore";
import type { Router } from "./routing/Router";
import type { InvitationStore } from "./session/InvitationStore";
import type { SessionStore } from "./session/SessionStore";
import type { SiteStore } from "./settings/SiteStore";
import type { LanguageStore, T } from "./texts/LanguageStore";
import type { ProfileStore } from "./visitors/ProfileStore";
import type { VisitorsStore } from "./visitors/VisitorsStore";

export interface Stores {
	api: Api;
	boxes: BoxesStore;
	clock: Clock;
	conversations: ConversationsStore;
	invitation: InvitationStore;
	language: LanguageStore;
	live: LiveStore;
	notices: NoticesStore;
	profiles: ProfileStore;
	router: Router;
	session: SessionStore;
	/** What this tab remembers from page to page. */
	tab: Keep;
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
