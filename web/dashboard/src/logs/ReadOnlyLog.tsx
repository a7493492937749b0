import { MessageLog } from "../chats/MessageLog";
import type { LogEntry } from "../chats/transcript";

interface Props {
	label: string;
	entries: readonly LogEntry[];
}

const nothing = () => {};

/** A log without a text area, opened at its beginning. */
export function ReadOnlyLog({ label, entries }: Props) {
	return (
		<MessageLog
			label={label}
			entries={entries}
			outgoing={[]}
			read={null}
			readTo={null}
			position={{ at: "entry", seq: 0, offset: 0 }}
			remoteChanges={0}
			earlier={null}
			onPosition={nothing}
			onSeen={nothing}
		/>
	);
}
