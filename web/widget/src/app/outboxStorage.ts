/**
 * Messages on their way, in the frame's own storage, which holds them before the next line runs: a word to the loader can still be
 * under way when the visitor leaves the page. Where the browser lets a frame store nothing, the loader keeps them.
 */
import type { Outgoing } from "@palique/client";

export interface OutboxStorage {
	/** Without an item: forgets it. False when this storage takes nothing. */
	keep(clientId: string, item?: Outgoing): boolean;
	all(): Outgoing[];
}

export function makeOutboxStorage(view: Window): OutboxStorage {
	const query = new URLSearchParams(view.location.search);
	// All pages of one gateway share this storage, and each page's origin has a visitor of its own.
	const prefix = `palique:${query.get("site")}:${query.get("origin")}:out:`;

	return {
		keep: (clientId, item) =>
			attempt(() => {
				if (item) view.localStorage.setItem(prefix + clientId, JSON.stringify(item));
				else view.localStorage.removeItem(prefix + clientId);
				return true;
			}, false),
		all: () =>
			attempt(() => {
				const ours = Object.entries(view.localStorage).filter(([key]) => key.startsWith(prefix));
				return ours.map(([, item]) => JSON.parse(item));
			}, []),
	};
}

function attempt<T>(call: () => T, otherwise: T): T {
	try {
		return call();
	} catch {
		return otherwise;
	}
}
