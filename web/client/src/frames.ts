/**
 * The frames of docs/protocol.md. Their types are generated; unknown fields are ignored. Times are RFC 3339 strings in UTC with
 * milliseconds; `seq` counts 1, 2, 3 … within one conversation.
 */
import type { ServerFrame, WatchVisitors } from "./frames.gen";

export type * from "./frames.gen";
export type VisitorSort = NonNullable<WatchVisitors["sort"]>;

/** A frame as received, or `null` when it is none: the server is trusted to be well meant, not to be of this version. */
export function decode(raw: string): ServerFrame | null {
	try {
		const value = JSON.parse(raw);
		return typeof value?.type === "string" ? value : null;
	} catch {
		return null;
	}
}
