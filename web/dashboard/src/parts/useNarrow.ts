/** True on narrow (phone) screens, with the breakpoint of the style sheets. */
import { useEffect, useMemo, useState } from "preact/hooks";

const NARROW = "(max-width: 720px)";

export function isNarrow(): boolean {
	return matchMedia(NARROW).matches;
}

export function useNarrow(): boolean {
	const media = useMemo(() => matchMedia(NARROW), []);
	const [narrow, setNarrow] = useState(media.matches);
	useEffect(() => {
		const follow = () => setNarrow(media.matches);
		media.addEventListener("change", follow);
		return () => media.removeEventListener("change", follow);
	}, [media]);
	return narrow;
}
