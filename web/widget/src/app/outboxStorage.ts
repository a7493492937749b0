/**
 * Unacknowledged messages in the iframe's storage. It is synchronous; a message to the loader could be lost when the visitor
 * leaves the page.
 * Where the browser blocks the iframe's storage, the loader stores them.
 */
import type { Outgoing } from "@palique/client";

export interface OutboxStorage {
	/** Without an item: removes it. False when storage is blocked. */
	save(clientId: string, item?: Outgoing): boolean;
	all(): Outgoing[];
}

export function makeOutboxStorage(view: Window): OutboxStorage {
	const query = new URLSearchParams(view.location.search);
	// All sites of a gateway share this storage, and each origin has its own visitor.
	const prefix = `palique:${query.get("site")}:${query.get("origin")}:out:`;

	return {
		save: (clientId, item) =>
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
