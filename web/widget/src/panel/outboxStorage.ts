/**
 * Unacknowledged messages in the host's storage, for an application whose iframe may not store. Each has its own key, so that
 * tabs do not overwrite each other's. Two tabs may send the same message: its client id stores it once.
 */
import type { Outgoing } from "@palique/client";
import type { LoaderStorage } from "../loader/storage";

export function makeOutboxStorage({ root, local, put }: LoaderStorage) {
	const prefix = `${root}:out:`;
	return {
		/** Without an item: removes it. */
		save(clientId: string, item?: Outgoing): void {
			if (item) put(local, prefix + clientId, JSON.stringify(item));
			else delete local[prefix + clientId];
		},
		all: (): Outgoing[] =>
			Object.keys(local)
				.filter((key) => key.startsWith(prefix))
				.map((key) => JSON.parse(local[key] as string)),
	};
}
