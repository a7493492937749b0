/** Connects the stores: passes frames on, and starts and clears the stores when an agent signs in or out. */

import { LANGUAGES } from "@palique/ui/vocabulary";
import { effect, untracked } from "@preact/signals";
import type { Stores } from "./StoresContext";
import { personName } from "./texts/labels";
import { addMinimised } from "./windows/windowLayout";

const SIGN_OUT = "sign_out";

export function connectStores(stores: Stores): void {
	stores.connection.listen({
		frame(frame) {
			if (frame.type === "welcome" || frame.type === "pong") stores.clock.correct(frame.server_time);
			// Before the other stores, because the `welcome` names the agent.
			stores.names.receive(frame);
			stores.conversations.receive(frame);
			stores.otherChats.receive(frame);
			stores.visitors.receive(frame);
			stores.site.receive(frame);
		},
		down: () => stores.conversations.down(),
	});
	connectSession(stores);
	forgetTextsAfterSignOut(stores);
	applyAccountLanguage(stores);
	openOwnChats(stores);
	uncoverPageOnNavigation(stores);
	nameVisitors(stores);
	connectNotices(stores);
	void stores.session.check();
}

function connectSession(stores: Stores): void {
	const { session } = stores;
	let agent: string | null = null;
	effect(() => {
		const state = session.state.value;
		const now = state.phase === "signedIn" ? state.me.agent : null;
		const rules = state.phase === "signedIn" && state.me.role === "administrator";
		if (now === agent) return;
		agent = now;
		untracked(() => {
			if (!now) return clearStores(stores);
			startStores(stores, now);
			if (rules) void stores.firstSteps.load();
		});
	});
}

function startStores(stores: Stores, agent: string): void {
	stores.windows.load(agent);
	stores.notices.load(agent);
	stores.keyboard.load(agent);
	stores.conversations.resume(agent);
	stores.connection.start();
}

function clearStores(stores: Stores): void {
	stores.connection.stop();
	stores.notices.unload();
	stores.keyboard.unload();
	stores.windows.unload();
	stores.visitors.clear();
	stores.profiles.clear();
	stores.site.clear();
	stores.firstSteps.clear();
	stores.conversations.clear();
	stores.otherChats.clear();
	stores.chatTickets.clear();
	stores.names.clear();
}

/**
 * Drafts and unsent messages wait for the same agent when a session expires; a sign-out removes them from the browser.
 * Each tab removes them: a tab that learns of the sign-out late may have stored them again.
 */
function forgetTextsAfterSignOut({ session, storage, tab, windows }: Stores): void {
	let agent: string | null = null;
	const forget = (agentId: string) => {
		session.signedOut();
		windows.forget(agentId);
		tab.clear();
	};
	effect(() => {
		const state = session.state.value;
		if (state.phase === "signedIn") agent = state.me.agent;
		if (state.phase !== "signedOut" || state.expired || agent === null) return;
		const left = agent;
		agent = null;
		untracked(() => {
			forget(left);
			storage.announce(SIGN_OUT, left);
		});
	});
	storage.hear<string>(SIGN_OUT, (left) => {
		if (left !== agent) return;
		agent = null;
		forget(left);
	});
}

/** Applies the language of the agent's account in every browser. */
function applyAccountLanguage({ session, language }: Stores): void {
	let before: string | null = null;
	effect(() => {
		const state = session.state.value;
		const chosen = state.phase === "signedIn" ? state.me.language : null;
		if (chosen === before) return;
		before = chosen;
		const known = LANGUAGES.find((one) => one === chosen);
		untracked(() => known && language.choose(known));
	});
}

/**
 * Gives each running chat of the agent a window in the dock. The window stays when the chat goes back to the queue or to another
 * agent: from then on it follows the chat.
 */
function openOwnChats({ windows, conversations }: Stores): void {
	let before: readonly string[] = [];
	effect(() => {
		const own = conversations.mine.value.map((chat) => chat.conversation);
		const lost = before.filter((conversation) => !own.includes(conversation));
		before = own;
		untracked(() => {
			for (const conversation of own) windows.adapt((state) => addMinimised(state, conversation));
			for (const conversation of lost) {
				const status = conversations.chat(conversation)?.status;
				if (status === "waiting" || status === "active") conversations.follow(conversation).catch(() => {});
			}
		});
	});
}

/**
 * Minimises windows that cover the page when the route changes. Opening the visitor dialog changes nothing: it covers the
 * windows.
 */
function uncoverPageOnNavigation({ windows, router }: Stores): void {
	let before = router.route.peek();
	effect(() => {
		const now = router.route.value;
		if (now !== before && now.visitor === before.visitor) untracked(() => windows.uncoverPage());
		before = now;
	});
}

/** Asks for the current names of the visitors of all known chats. */
function nameVisitors({ conversations, otherChats, names, connection }: Stores): void {
	effect(() => {
		if (connection.phase.value !== "live") return;
		const chats = [...conversations.chats.value, ...otherChats.chats.value];
		untracked(() => names.want(chats.map(({ visitor }) => visitor.id)));
	});
}

/** Feeds the notices with chats; a click on a notification opens the chat. */
function connectNotices({
	windows,
	conversations,
	language,
	connection,
	notices,
	session,
	names,
}: Stores): void {
	notices.follow({
		chats: () => conversations.chats.value,
		available: () => {
			const state = session.state.value;
			return state.phase === "signedIn" && state.me.status === "online" && connection.phase.value === "live";
		},
		nameOf: ({ id, name }) => personName(language.t.peek(), names.of(id) ?? name),
		t: () => language.t.peek(),
		open: (conversation) => windows.show(conversation),
	});
}
