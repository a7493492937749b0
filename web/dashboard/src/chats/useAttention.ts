import { useEffect, useState } from "preact/hooks";

/** True while the tab is visible and focused: messages in a hidden tab do not count as read. */
export function useAttention(): boolean {
	const [attentive, setAttentive] = useState(attention());
	useEffect(() => {
		const look = () => setAttentive(attention());
		const events = ["focus", "blur"] as const;
		for (const event of events) window.addEventListener(event, look);
		document.addEventListener("visibilitychange", look);
		return () => {
			for (const event of events) window.removeEventListener(event, look);
			document.removeEventListener("visibilitychange", look);
		};
	}, []);
	return attentive;
}

function attention(): boolean {
	return document.visibilityState === "visible" && document.hasFocus();
}
