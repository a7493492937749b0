import { asProblem } from "../api/http";
import { useStores } from "../StoresContext";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";

/** Returns a function that shows why an action failed. */
export function useFailureToast(): (error: unknown) => void {
	const { toasts } = useStores();
	const t = useText();
	return (error) => toasts.show({ text: problemText(t, asProblem(error)), danger: true });
}
