import Foundation

extension Observer {
    /// Follows a job, and checks that it moves as it may and that only its owner moves it.
    func seeJob(_ change: RowChange, by worker: UUID?, at clock: Int64, _ touched: inout Touched) {
        guard let id = change.numbers[0], let batch = change.numbers[1], let epoch = change.numbers[4],
            let state = change.new
        else { return }
        var row = JobRow(
            id: id,
            batch: batch,
            state: state,
            epoch: epoch,
            worker: change.text,
            attempt: change.numbers[3],
            unknowns: change.numbers[6] ?? 0
        )
        let old = jobs[id]
        row.isHeldByPerson = state == "held" && (old?.isHeldByPerson == true || isByPerson)
        row.isTouched = old.map { $0.isTouched || isByPerson } ?? false
        row.forgiven = old?.forgiven ?? 0
        if isByPerson, let old, old.hasEnded || old.state == "held", old.state != state, !row.hasEnded {
            row.forgiven = attemptsOfJob[id]?.last ?? 0
        }
        jobs[id] = row
        unfinishedCount += (row.hasEnded ? 0 : 1) - (old.map { $0.hasEnded ? 0 : 1 } ?? 0)
        guard let old else {
            jobIDs.append(id)
            tenantOfJob[id] = change.numbers[2]
            return
        }
        if epoch < old.epoch { report(.badMove, "job \(id): its epoch fell from \(old.epoch) to \(epoch)") }
        checkOwner(old, row, by: worker, at: clock)
        guard old.state != state else { return }
        if state == "failed" || state == "held", !isByPerson { touched.ended.append(id) }
        let mayMove =
            isByPerson || worker == nil || Self.moves[old.state]?.contains(state) == true
            || old.state == "held" && !old.isHeldByPerson && Self.moves["scheduled"]?.contains(state) == true
        if !mayMove { report(.badMove, "job \(id): from \(old.state) to \(state)") }
        // Who adopts a job whose GLB three workers died of holds it: checkOwner has looked at the adoption.
        let isAdopted = state == "held" && row.worker == worker?.uuidString.lowercased() && epoch == old.epoch + 1
        if let worker, ["generating", "downloading"].contains(old.state), !isByPerson, !isAdopted,
            old.worker != worker.uuidString.lowercased()
        {
            report(.zombieWrite, "job \(id): \(old.state) to \(state) by \(worker), owned by \(old.worker ?? "nobody")")
        }
        if state == "completed" { checkCompletion(row) }
    }

    /// Where workers may move a job from each state.
    private static let moves: [String: Set<String>] = [
        "queued": ["submitting", "generating", "scheduled", "held"],
        "scheduled": ["queued", "generating", "failed", "held", "scheduled"],
        "submitting": ["generating", "queued", "scheduled", "failed", "held"],
        "generating": ["downloading", "queued", "scheduled", "failed", "held", "completed"],
        "downloading": ["completed", "queued", "scheduled", "failed", "held"],
        // A late answer to a POST in doubt; it ends the doubt's hold in any way, and a person's only in this.
        "held": ["generating"],
    ]

    private func checkCompletion(_ job: JobRow) {
        guard let attempt = job.attempt.flatMap({ attempts[$0] }), let generation = attempt.generation else {
            return report(.completedWithoutFile, "job \(job.id) has no generation")
        }
        if !delivered.contains(generation) {
            report(.completedWithoutFile, "job \(job.id): \(generation) was never delivered whole")
        }
        if let image = imageOfGeneration[generation], jobOfImage[image] != job.id {
            report(.wrongMesh, "job \(job.id) got the mesh of job \(jobOfImage[image] ?? 0)")
        }
    }

    func seeAttempt(_ change: RowChange, by worker: UUID?, at now: Duration, _ touched: inout Touched) {
        guard let id = change.numbers[0], let job = change.numbers[1], let key = change.numbers[2],
            let batch = change.numbers[5], let claimedAt = change.times[0], let countedBy = change.times[1],
            let state = change.new
        else { return }
        var row = AttemptRow(
            id: id,
            job: job,
            key: key,
            batch: batch,
            state: state,
            credits: change.numbers[4] ?? 0,
            claimedAt: claimedAt,
            countedBy: countedBy,
            generation: change.text,
            isProbe: change.flags[0],
            isReserved: change.flags[1],
            isPaidTwice: change.flags[2]
        )
        let old = attempts[id]
        let actor = worker?.uuidString.lowercased()
        row.claimed = old?.claimed ?? now
        row.worker = old?.worker ?? actor
        row.model = old?.model ?? windowModel
        row.isWorkerLost = old?.isWorkerLost ?? false
        row.doubted = old?.doubted
        if state == "unknown", row.doubted == nil {
            row.doubted = now
            row.isWorkerLost = row.worker != actor && !isFromSpool
        }
        attempts[id] = row
        reservedCount += (row.isReserved ? 1 : 0) - (old?.isReserved == true ? 1 : 0)
        submittingCount += (state == "submitting" ? 1 : 0) - (old?.state == "submitting" ? 1 : 0)
        touched.note(key: key)
        guard let old else {
            touched.claimed.append(row)
            attemptsOfJob[job, default: []].append(id)
            attemptsOfKey[key, default: []].append(id)
            return
        }
        if row.isFree, !old.isFree { noteRelease(of: row, at: now) }
        guard old.state != state else { return }
        checkOutcome(row, wasOpen: old.isUnanswered)
        if state == "refused" { noteHold(row) }
        if old.isUnanswered, state != "unknown", state != "unsent" { touched.settled.append(row) }
    }

    /// What must be so when everything has come to rest.
    func checkEnd() {
        for id in jobIDs {
            guard let job = jobs[id], !job.hasEnded else { continue }
            report(.stuck, "job \(id) is \(job.state)")
        }
        for id in attempts.keys.sorted() {
            guard let attempt = attempts[id] else { continue }
            if attempt.isReserved { report(.openReserve, "attempt \(id) (\(attempt.state))") }
        }
        checkPayments()
    }
}
