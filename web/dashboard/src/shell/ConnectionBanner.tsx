import { Icon } from "@palique/ui/Icon";
import { useEffect, useState } from "preact/hooks";
import { Button } from "../parts/Button";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

// Shorter interruptions are not shown. A loss must be visible within a second.
const GRACE_MS = 700;

/** Banner for a lost connection: the data may be stale. */
export function ConnectionBanner() {
	const { connection } = useStores();
	const t = useText();
	// Before the connection is known to be lost, the browser may report that the network is.
	const phase = connection.doubtful.value ? "offline" : connection.phase.value;
	const live = phase === "live";
	const [late, setLate] = useState(false);
	// A change between two phases without a connection does not start the time again.
	useEffect(() => {
		setLate(false);
		if (live) return;
		const timer = setTimeout(() => setLate(true), GRACE_MS);
		return () => clearTimeout(timer);
	}, [live]);

	const stopped = phase === "replaced" || phase === "refused";
	const shown = stopped || (late && !live);
	return (
		<div role="status">
			{shown ? (
				<div class="banner">
					<Icon name={stopped ? "warning" : "retry"} size={16} />
					{stopped ? t(phase === "replaced" ? "link_replaced" : "link_refused") : t("link_offline")}
					{stopped ? (
						<Button small onClick={() => connection.start()}>
							{t("link_connect")}
						</Button>
					) : null}
				</div>
			) : null}
		</div>
	);
}
