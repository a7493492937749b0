import { CLOSE_REACTIONS } from "@palique/client";
import type { ConnectionStatus } from "../bridge";
import type { Say } from "./language";

/** Close code: another tab of the same visitor took over. */
const REPLACED = 4409;

interface Props {
	link: ConnectionStatus;
	onResume: () => void;
	say: Say;
}

/** Message about a lost or refused connection, with a way to continue. */
export function ConnectionNotice({ link, onResume, say }: Props) {
	return (
		<div class="notice" role="status" hidden={link === "up"}>
			{typeof link === "number" ? <Ended code={link} onResume={onResume} say={say} /> : null}
			{link === "down" ? say("reconnecting") : null}
		</div>
	);
}

function Ended({ code, onResume, say }: { code: number; onResume: () => void; say: Say }) {
	if (CLOSE_REACTIONS[code] === "reload") return <>{say("outdated")}</>;
	const elsewhere = code === REPLACED;
	return (
		<>
			{say(elsewhere ? "elsewhere" : "unavailable")}
			<button type="button" onClick={onResume}>
				{say(elsewhere ? "continue_here" : "try_again")}
			</button>
		</>
	);
}
