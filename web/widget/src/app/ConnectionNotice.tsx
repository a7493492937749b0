import { CLOSE_REACTIONS } from "@palique/client";
import type { ConnectionStatus } from "../bridge";
import type { T } from "./language";

/** Close code: another tab of the same visitor took over. */
const REPLACED = 4409;

interface Props {
	link: ConnectionStatus;
	/** Chat is off for the site. */
	off: boolean;
	onResume: () => void;
	t: T;
}

/** Message about a lost or refused connection, with a way to continue. */
export function ConnectionNotice({ link, off, onResume, t }: Props) {
	return (
		<div class="notice" role="status" hidden={link === "up"}>
			{off ? t("switched_off") : null}
			{!off && typeof link === "number" ? <Ended code={link} onResume={onResume} t={t} /> : null}
			{link === "down" ? t("reconnecting") : null}
		</div>
	);
}

function Ended({ code, onResume, t }: { code: number; onResume: () => void; t: T }) {
	if (CLOSE_REACTIONS[code] === "reload") return <>{t("outdated")}</>;
	const elsewhere = code === REPLACED;
	return (
		<>
			{t(elsewhere ? "elsewhere" : "unavailable")}
			<button type="button" onClick={onResume}>
				{t(elsewhere ? "continue_here" : "try_again")}
			</button>
		</>
	);
}
