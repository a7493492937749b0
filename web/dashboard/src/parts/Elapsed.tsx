import { dateAndTime } from "@palique/ui/time";
import { useStores } from "../StoresContext";
import { elapsed } from "../texts/elapsed";
import { useText } from "../texts/useText";

interface Props {
	since: string;
	/** Tooltip; without it, the time itself. */
	title?: string;
}

/** The time that has passed. */
export function Elapsed({ since, title }: Props) {
	const { clock } = useStores();
	const t = useText();
	return (
		<time dateTime={since} title={title ?? dateAndTime(since, t.language)}>
			{elapsed(t, since, clock.now.value)}
		</time>
	);
}
