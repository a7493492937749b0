/** Where the line for unread messages is in an open log. Pure. */
import type { LogEntry } from "./transcript";

export interface UnreadLine {
	/** The line is above the first message of the visitor after this `seq`. */
	readonly after: number;
	/** Last `seq` that the log had. */
	readonly last: number;
	/** The agent saw the end of the log. */
	readonly watched: boolean;
}

interface Now {
	entries: readonly LogEntry[];
	/** The agent looks at the end of the log: new messages are read as they come. */
	watched: boolean;
	/** The agent's read mark. */
	read: number;
}

/** `read`: the read mark when the log opens. */
export function openLine(read: number): UnreadLine {
	return { after: read, last: 0, watched: false };
}

/**
 * The line goes when an agent answers, when the agent looks away after reading, and when the messages were read in another
 * window. A message that the agent sees arrive gets none.
 */
export function nextLine(line: UnreadLine, { entries, watched, read }: Now): UnreadLine {
	const last = entries.at(-1)?.seq ?? line.last;
	const answer =
		entries.findLast(({ kind, author }) => kind === "message" && author?.kind === "agent")?.seq ?? 0;
	let after = Math.max(line.after, answer);
	if (!watched) after = Math.max(after, read);
	const shown = entries.some((entry) => entry.seq > after && entry.seq <= line.last && isVisitors(entry));
	if (line.watched && watched && !shown) after = Math.max(after, last);
	return { after, last, watched };
}

function isVisitors({ kind, author }: LogEntry): boolean {
	return kind === "message" && author?.kind === "visitor";
}
