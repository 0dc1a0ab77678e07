import Foundation
import MeshmillStore
import PostgresClient

extension Observer {
    /// Follows a worker's lease.
    func seeWorker(_ change: RowChange) {
        guard let id = change.text, let until = change.times[0], let clock = change.times[1] else { return }
        let old = leases[id]
        checkNotice(of: id, clock: clock)
        if let old { longestSilence = max(longestSilence, .microseconds(until - old.until)) }
        let isBroken = old.map { $0.until < clock } ?? true
        leases[id] = LeaseRow(
            until: until,
            unbrokenSince: isBroken ? clock : old?.unbrokenSince ?? clock,
            beats: (old?.beats ?? 0) + 1,
            isStopped: change.flags[0]
        )
    }

    /// Notes which epochs a statement that moves jobs carries, before it is executed.
    func hear(_ statement: some Statement) {
        carriedEpochs = [:]
        isFromSpool = false
        switch statement {
        case let statement as FinishGenerations:
            for result in statement.results { carriedEpochs[result.jobID] = result.leaseEpoch }
        case let statement as BeginDownload: carriedEpochs[statement.jobID] = statement.leaseEpoch
        case is SettleSpooledAnswer: isFromSpool = true
        default: break
        }
    }

    /// Checks who took a job, and from whom: DESIGN 3.7, RULINGS 11 and 14.
    func checkOwner(_ old: JobRow, _ new: JobRow, by worker: UUID?, at clock: Int64) {
        if let epoch = carriedEpochs[new.id], epoch != old.epoch, !isByPerson {
            report(.zombieWrite, "job \(new.id): \(old.state) to \(new.state) under epoch \(epoch) of \(old.epoch)")
        }
        let actor = worker?.uuidString.lowercased()
        if new.state == "submitting", old.state != "submitting" {
            if actor != new.worker || !hasLease(new.worker, at: clock) {
                report(.noLease, "job \(new.id) claimed by \(actor ?? "nobody") for \(new.worker ?? "nobody")")
            }
            if new.epoch != old.epoch + 1 { report(.badMove, "job \(new.id): claimed under epoch \(new.epoch)") }
            return
        }
        guard JobRow.inFlight.contains(old.state), !isByPerson else { return }
        if new.worker == old.worker {
            if new.epoch != old.epoch {
                report(.badMove, "job \(new.id): epoch \(old.epoch) to \(new.epoch) under the same owner")
            }
        } else if old.state == "submitting" {
            // Whoever brings the answer owns the job; a POST without one is given up only for a worker that was lost.
            if new.state != "generating" { checkLoss(of: new, from: old, at: clock) }
        } else {
            checkAdoption(of: new, from: old, by: actor, at: clock)
        }
    }

    private func hasLease(_ worker: String?, at clock: Int64) -> Bool {
        worker.flatMap { leases[$0] }.map { $0.until > clock } ?? false
    }

    private func checkAdoption(of new: JobRow, from old: JobRow, by actor: String?, at clock: Int64) {
        guard let adopter = new.worker, adopter == actor, let lease = leases[adopter], lease.until > clock else {
            return report(.noLease, "job \(new.id) adopted by \(actor ?? "nobody") for \(new.worker ?? "nobody")")
        }
        if new.epoch != old.epoch + 1 {
            report(.badMove, "job \(new.id): adopted under epoch \(new.epoch) after \(old.epoch)")
        }
        guard let owner = old.worker.flatMap({ leases[$0] }), !owner.isStopped else { return }
        if owner.until >= clock {
            report(.adoptedFromLiving, "job \(new.id), whose owner's lease has \(owner.until - clock) us left")
        }
        if lease.unbrokenSince > clock - scenario.lease.microseconds {
            report(.adoptedTooSoon, "job \(new.id) after \(clock - lease.unbrokenSince) us of contact")
        }
    }

    /// The owner may be back by the time at which its POST is settled, but was away since its claim.
    private func checkLoss(of new: JobRow, from old: JobRow, at clock: Int64) {
        guard let owner = old.worker.flatMap({ leases[$0] }), let attempt = old.attempt.flatMap({ attempts[$0] })
        else { return }
        if !owner.isStopped, owner.until >= clock, owner.unbrokenSince <= attempt.claimedAt {
            report(.adoptedFromLiving, "job \(new.id) while submitting, whose owner never lost its lease")
        }
    }
}
