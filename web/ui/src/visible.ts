/** The rule of every required text, as in `kit/text/visible.py`. Pure. */
const VISIBLE =
	/[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{Mn}\p{Me}\u115f\u1160\u2800\u3164\uffa0\u{1d159}\u2065\ufff0-\ufff8\u{e0000}-\u{e0fff}]/u;

/** True with at least one visible character. */
export function hasVisibleText(text: string): boolean {
	return VISIBLE.test(text);
}
