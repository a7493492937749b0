/** What connects the stores: frames to those who use them, the session's beginning and end to all of them. */

import { LANGUAGES } from "@palique/ui/vocabulary";
import { effect, untracked } from "@preact/signals";
import { isNarrow } from "./parts/useNarrow";
import type { Stores } from "./StoresContext";
import { addMinimised, open, uncoverPage } from "./windows/windowLayout";

export function connectStores(stores: Stores): void {
	stores.connection.listen({
		frame(frame) {
			// Before the window is asked for: the welcome names the agent.
			stores.conversations.receive(frame);
			stores.visitors.receive(frame);
			stores.site.receive(frame);
			if (frame.type === "welcome") stores.visitors.connected();
		},
		down: () => stores.conversations.down(),
	});
	followSession(stores);
	followAccount(stores);
	announceOwnChats(stores);
	uncoverPages(stores);
	followCalls(stores);
	void stores.session.check();
}

function followSession({
	session,
	connection,
	windows,
	conversations,
	visitors,
	profiles,
	notices,
	site,
}: Stores): void {
	let agent: string | null = null;
	effect(() => {
		const state = session.state.value;
		const now = state.phase === "signedIn" ? state.me.agent : null;
		if (now === agent) return;
		agent = now;
		untracked(() => {
			if (now) {
				windows.load(now);
				notices.load(now);
				conversations.resume(now);
				connection.start();
				return;
			}
			connection.stop();
			notices.unload();
			windows.unload();
			visitors.clear();
			profiles.clear();
			site.clear();
			conversations.clear();
		});
	});
}

/** The language that an agent chose goes with them to every browser. */
function followAccount({ session, language }: Stores): void {
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

/** A running chat of one's own always has its place in the bar. */
function announceOwnChats({ windows, conversations }: Stores): void {
	effect(() => {
		const own = conversations.mine.value.map((chat) => chat.conversation);
		untracked(() => {
			for (const conversation of own) windows.change((state) => addMinimised(state, conversation));
		});
	});
}

/** Who goes to a page wants to see it; the visitor dialogue lies over everything anyway. */
function uncoverPages({ windows, router }: Stores): void {
	let before = router.route.peek();
	effect(() => {
		const now = router.route.value;
		if (now !== before && now.visitor === before.visitor)
			untracked(() => windows.change((state) => uncoverPage(state, isNarrow())));
		before = now;
	});
}

/** Who waits or writes calls the agent; a click on the notification shows the chat. */
function followCalls({ windows, conversations, language, connection, notices, session }: Stores): void {
	notices.follow({
		chats: () => conversations.chats.value,
		taking: () => {
			const state = session.state.value;
			return state.phase === "signedIn" && state.me.status === "online" && connection.phase.value === "live";
		},
		t: () => language.t.peek(),
		open: (conversation) => {
			windows.change((state) => open(state, conversation));
			windows.requestFocus(conversation);
		},
	});
}
