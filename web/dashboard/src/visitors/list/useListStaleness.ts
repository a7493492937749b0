/** How far what the visitor list shows can be trusted: a list that stands still must say so. */
import { useEffect, useState } from "preact/hooks";
import { useStores } from "../../StoresContext";

/** `coming`: asked for a moment ago; `late`: the server is busy with more important things; `offline`: nobody can tell. */
export type ListStaleness = "live" | "coming" | "late" | "offline";

// An answer takes a few milliseconds; this is a server that sheds what can wait.
const PATIENCE_MS = 4_000;
// As the banner has it that says so: what is shown is old from then on.
const LINK_PATIENCE_MS = 1_500;

export function useListStaleness(): ListStaleness {
	const { connection, visitors } = useStores();
	const phase = connection.phase.value;
	const answered = visitors.answered.value !== null;
	const linked = phase === "live";
	const waiting = !linked || !answered;
	const [late, setLate] = useState(false);
	useEffect(() => {
		setLate(false);
		if (!waiting) return;
		const timer = setTimeout(() => setLate(true), linked ? PATIENCE_MS : LINK_PATIENCE_MS);
		return () => clearTimeout(timer);
	}, [waiting, linked]);
	// It is known to stand still before anything here has waited for it.
	if (!waiting) return connection.away.value.includes("presence") ? "late" : "live";
	if (phase === "replaced" || phase === "refused") return "offline";
	if (!late) return "coming";
	return linked ? "late" : "offline";
}
