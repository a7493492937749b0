/**
 * The only clocks of a client. No other module reads the device's clock, which may be hours off or change at any time
 * (`tests/unit/test_source_rules.py`).
 */

// Provided by the browser, or by Node in tests.
declare const performance: { now(): number };

/** Time for waits and time-outs (ms since the start of the page). A change of the device's clock does not move it. */
export function uptime(): number {
	return performance.now();
}

/** The server's time: the device's clock, corrected by the times that the server sends. */
export class ServerClock {
	/** How far the server's clock is ahead of the device's (ms). */
	#ahead = 0;

	/** Milliseconds of the epoch. */
	now(): number {
		return Date.now() + this.#ahead;
	}

	/** `serverTime` is the server's time of this moment, up to `tolerance` (ms). Other text changes nothing. */
	correct(serverTime: string | null | undefined, tolerance = 0): void {
		const difference = Date.parse(serverTime ?? "") - this.now();
		if (Math.abs(difference) > tolerance) this.#ahead += difference;
	}
}
