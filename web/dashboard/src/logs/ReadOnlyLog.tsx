import type { Entry } from "@palique/client";
import { MessageLog } from "../chats/MessageLog";

interface Props {
	label: string;
	entries: readonly Entry[];
}

const nothing = () => {};

/** A log to review, from its beginning. */
export function ReadOnlyLog({ label, entries }: Props) {
	return (
		<MessageLog
			label={label}
			entries={entries}
			outgoing={[]}
			unreadFrom={null}
			readTo={null}
			place={{ at: "entry", seq: 0, offset: 0 }}
			placeTurn={0}
			earlier={null}
			onPlace={nothing}
			onSeen={nothing}
		/>
	);
}
