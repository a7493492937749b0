/** Whether the visitor list is current. A stale list must say so. */
import { useEffect, useState } from "preact/hooks";
import { useStores } from "../../StoresContext";

/** `coming`: requested a moment ago. `late`: the server defers the list. `offline`: no connection. */
export type ListStaleness = "live" | "coming" | "late" | "offline";

// An answer takes milliseconds; a later one means that the server defers lists under load.
const TIMEOUT_MS = 4_000;
// Same as in ConnectionBanner.
const CONNECTION_TIMEOUT_MS = 1_500;

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
		const timer = setTimeout(() => setLate(true), linked ? TIMEOUT_MS : CONNECTION_TIMEOUT_MS);
		return () => clearTimeout(timer);
	}, [waiting, linked]);
	// The gateway reported that presence is unavailable.
	if (!waiting) return connection.outages.value.includes("presence") ? "late" : "live";
	if (phase === "replaced" || phase === "refused") return "offline";
	if (!late) return "coming";
	return linked ? "late" : "offline";
}
