/**
 * Messages not yet acknowledged, kept over a reload in the host's storage for an application whose frame may store nothing. Each
 * has a key of its own, so that tabs never overwrite each other's; its client id makes it harmless that two tabs send the same one.
 */
import type { Outgoing } from "@palique/client";
import type { LoaderStorage } from "../loader/storage";

export function makeOutboxStorage({ root, local, put }: LoaderStorage) {
	const prefix = `${root}:out:`;
	return {
		/** Without an item: forgets it. */
		keep(clientId: string, item?: Outgoing): void {
			if (item) put(local, prefix + clientId, JSON.stringify(item));
			else delete local[prefix + clientId];
		},
		all: (): Outgoing[] =>
			Object.keys(local)
				.filter((key) => key.startsWith(prefix))
				.map((key) => JSON.parse(local[key] as string)),
	};
}
