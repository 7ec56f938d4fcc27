/** Events that are being served by what can be replaced meanwhile. */
export interface WorkInHand {
  /** Whether the event may be served here. It may not once this was retired. */
  begin(): boolean
  end(): void
  /** Lets nothing begin any more. */
  retire(): void
}

/** @param idle called once: when it is retired and the last event has ended */
export function workInHand(idle: () => void): WorkInHand {
  let inHand = 0
  let retired = false
  return {
    begin() {
      if (!retired) inHand += 1
      return !retired
    },
    end() {
      inHand -= 1
      if (retired && inHand === 0) idle()
    },
    retire() {
      if (retired) return
      retired = true
      if (inHand === 0) idle()
    },
  }
}
