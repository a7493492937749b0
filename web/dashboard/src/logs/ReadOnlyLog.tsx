import { MessageLog } from "../chats/MessageLog";
import type { PageLoader } from "../chats/OtherPage";
import type { LogEntry } from "../chats/transcript";

interface Props {
	label: string;
	entries: readonly LogEntry[];
	/** `seq` of the entry to show. */
	at?: number | undefined;
	/** Pages beyond the entries; `null` or absent when the entries are the whole log. */
	earlier?: PageLoader | null;
	later?: PageLoader | null;
	onJump?: (to: "start" | "end") => void;
}

const nothing = () => {};
// Pixels above a found message: the messages before it explain it.
const ABOVE_HIT = -160;

/** A log without a text area, opened at an entry or at its end. */
export function ReadOnlyLog({ label, entries, at, earlier = null, later = null, onJump = nothing }: Props) {
	return (
		<MessageLog
			label={label}
			entries={entries}
			outgoing={[]}
			read={null}
			readTo={null}
			position={at ? { at: "entry", seq: at, offset: ABOVE_HIT } : { at: "end" }}
			remoteChanges={0}
			earlier={earlier}
			later={later}
			onJump={onJump}
			hit={at}
			live={false}
			onPosition={nothing}
			onSeen={nothing}
		/>
	);
}
